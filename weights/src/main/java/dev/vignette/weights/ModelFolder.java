package dev.vignette.weights;

import java.nio.file.Files;
import java.nio.file.Path;

/** Folders that models lie in. */
public final class ModelFolder {
  private ModelFolder() {}

  /**
   * Checks that what a folder lacks is not only hidden: without permission nothing seems to be in
   * it.
   *
   * @throws IllegalArgumentException if it, or a folder above, may not be looked into
   */
  public static void requireEntry(Path folder) {
    Path there = folder.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    if (Files.isDirectory(there) && !Files.isExecutable(there)) {
      throw new IllegalArgumentException(
          "%s cannot be read: the folder %s may not be looked into; give permission, or name another"
              .formatted(folder, there));
    }
  }
}
