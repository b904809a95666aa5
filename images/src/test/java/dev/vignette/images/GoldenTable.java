package dev.vignette.images;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * A table of golden values among the test resources: tab-separated, with comments behind {@code #}.
 */
final class GoldenTable {
  private GoldenTable() {}

  static List<String[]> rows(String name) {
    try (InputStream in =
        Objects.requireNonNull(GoldenTable.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t", -1))
          .toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
