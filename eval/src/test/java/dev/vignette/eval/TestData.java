package dev.vignette.eval;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Where tests find their data. */
public final class TestData {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TestData() {}

  /** A file of the evaluation data beside the checkout; without it the test is skipped by name. */
  public static Path shared(String path) {
    Path file = Path.of(System.getProperty("vignette.shared")).resolve(path);
    assumeTrue(Files.exists(file), () -> "skipped: there is no " + file);
    return file;
  }

  /** A file of the repository. */
  public static Path repository(String path) {
    return Path.of(System.getProperty("vignette.root")).resolve(path);
  }

  /** The JSON in a file. */
  public static JsonNode json(Path file) {
    return JSON.readTree(file.toFile());
  }

  /** The JSON in a resource beside a class. */
  public static JsonNode json(Class<?> beside, String resource) {
    try (InputStream in = Objects.requireNonNull(beside.getResourceAsStream(resource), resource)) {
      return JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
