package dev.vignette.captions;

import java.nio.file.Path;

/**
 * The stem of a file: its name without folders and without the last extension, the key of
 * predictions.
 */
public final class FileStem {
  private FileStem() {}

  /**
   * The stem of {@code file}: {@code a/b.c.jpg} has {@code b.c}; a leading dot begins a name, no
   * extension.
   */
  public static String of(Path file) {
    Path name = file.getFileName();
    return name == null ? "" : of(name.toString());
  }

  /** The stem of a path with {@code /} between folders, as COCO's file names have. */
  public static String of(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
