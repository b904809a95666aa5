package dev.vignette.captions.run;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/** Which files of a folder are taken for images, by extension. */
public final class ImageFormats {
  private static final Set<String> READ =
      Set.of("jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp");
  private static final Set<String> NOT_READ =
      Set.of(
          "heic", "heif", "avif", "jxl", "jp2", "tif", "tiff", "svg", "psd", "ico", "dng", "cr2",
          "cr3", "nef", "arw", "orf", "raf", "rw2", "pef", "srw", "tga", "ppm", "pgm", "pbm", "pnm",
          "pam", "pcx", "exr", "hdr", "jxr", "jpx", "j2k", "qoi");

  private ImageFormats() {}

  /** Whether {@code file} has the extension of a format that is read. */
  public static boolean isRead(Path file) {
    return READ.contains(extension(file));
  }

  /** Whether {@code file} has the extension of a picture that nothing here reads. */
  static boolean isPictureNotRead(Path file) {
    return NOT_READ.contains(extension(file));
  }

  /** Whether {@code name} ends as a picture's does, one that is read or not. */
  static boolean isPicture(String name) {
    String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return READ.contains(extension) || NOT_READ.contains(extension);
  }

  /** The extension of {@code file} in lower case without the dot, empty if it has none. */
  static String extension(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
  }

  /** The extensions that are read, for messages. */
  static String readExtensions() {
    return ".jpg, .jpeg, .png, .webp, .gif and .bmp";
  }
}
