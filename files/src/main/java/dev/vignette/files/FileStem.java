package dev.vignette.files;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/**
 * The stem of a file: its name without folders and without the last extension, the key of
 * predictions.
 */
public final class FileStem {
  private static final Set<String> IMAGE_EXTENSIONS =
      Set.of("jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff");

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

  /**
   * The stem of a name that may be a file's or a stem already: an extension is one only if images
   * have it, so that {@code a/b.c} stays {@code b.c} and {@code a/b.c.jpg} becomes it.
   */
  public static String ofImage(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    int dot = name.lastIndexOf('.');
    boolean extension =
        dot > 0 && IMAGE_EXTENSIONS.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT));
    return extension ? name.substring(0, dot) : name;
  }
}
