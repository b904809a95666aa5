package dev.vignette.torch;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where tests find data: in the checkout, or beside it. */
public final class SharedData {
  private SharedData() {}

  /** A path inside the repository. */
  public static Path inRepository(String path) {
    return Path.of(System.getProperty("vignette.root")).resolve(path);
  }

  /** A path in the shared folder beside the checkout; the test is skipped when it is missing. */
  public static Path besideCheckout(String path) {
    Path file = Path.of(System.getProperty("vignette.shared")).resolve(path);
    assumeTrue(Files.exists(file), () -> "Skipped: there is no " + file);
    return file;
  }
}
