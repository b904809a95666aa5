package dev.vignette.images;

import dev.vignette.images.UnreadableImageException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The formats that are read, told by a file's first bytes. */
enum ImageFormat {
  JPEG,
  PNG,
  GIF,
  BMP,
  WEBP;

  /** First bytes, in ISO 8859-1, of kinds of file people have but that are not read. */
  private static final Map<String, String> NOT_READ =
      Map.ofEntries(
          Map.entry("II*\0", "a TIFF image"),
          Map.entry("MM\0*", "a TIFF image"),
          Map.entry("8BPS", "a Photoshop document"),
          Map.entry("%PDF", "a PDF document"),
          Map.entry("PK\3\4", "a ZIP archive"),
          Map.entry("\u001f\u008b", "a gzip archive"),
          Map.entry("\u00ff\n", "a JPEG XL image"),
          Map.entry("\0\0\0\fJXL ", "a JPEG XL image"),
          Map.entry("\0\0\0\fjP  ", "a JPEG 2000 image"),
          Map.entry("\0\0\1\0", "a Windows icon"),
          Map.entry("<svg", "an SVG drawing"));

  private static final int SHOWN = 40;

  /**
   * The format of {@code file}.
   *
   * @throws UnreadableImageException if it is empty, or none of these
   */
  static ImageFormat of(ImageFile file) {
    byte[] bytes = file.bytes();
    if (bytes.length == 0) {
      throw new UnreadableImageException(
          Reason.EMPTY, file.name() + " is empty (0 bytes). Get the file again.", null);
    }
    String start = new String(bytes, 0, Math.min(bytes.length, 256), StandardCharsets.ISO_8859_1);
    if (start.startsWith("\u00ff\u00d8\u00ff")) {
      return JPEG;
    } else if (start.startsWith("\u0089PNG\r\n\u001a\n")) {
      return PNG;
    } else if (start.startsWith("GIF87a") || start.startsWith("GIF89a")) {
      return GIF;
    } else if (start.startsWith("RIFF") && start.startsWith("WEBP", 8)) {
      return WEBP;
    } else if (start.startsWith("BM") && bytes.length >= 26 && file.littleEndian32(14) <= 124) {
      return BMP;
    }
    throw unread(file, start);
  }

  private static UnreadableImageException unread(ImageFile file, String start) {
    if (start.startsWith("ftyp", 4)) {
      return file.unsupported(
          "a HEIC, AVIF or video file (of brand "
              + start.substring(8, Math.min(12, start.length()))
              + ")");
    }
    for (var kind : NOT_READ.entrySet()) {
      if (start.startsWith(kind.getKey())) {
        return file.unsupported(kind.getValue());
      }
    }
    if (isBeginning(start)) {
      return file.truncated("it ends within the first bytes of an image");
    }
    String shown = start.substring(0, Math.min(SHOWN, start.length()));
    String what =
        isText(start)
            ? "its text begins with \"%s\"".formatted(shown.strip().replaceAll("\\s+", " "))
            : "its first bytes are those of no image";
    return new UnreadableImageException(
        Reason.NOT_AN_IMAGE,
        "%s is not an image: %s. Name image files only, or get this one again."
            .formatted(file.name(), what),
        null);
  }

  private static boolean isBeginning(String start) {
    return "\u00ff\u00d8\u00ff".startsWith(start)
        || "\u0089PNG\r\n\u001a\n".startsWith(start)
        || "GIF89a".startsWith(start)
        || start.startsWith("RIFF") && start.length() < 12
        || start.startsWith("BM") && start.length() < 26 && !isText(start);
  }

  private static boolean isText(String start) {
    return start
        .chars()
        .noneMatch(c -> c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7F);
  }
}
