package dev.vignette.images;

import dev.vignette.images.RgbImage.ImageReadOptions;
import dev.vignette.images.UnreadableImageException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The bytes of an image file, their name in errors, and how they shall be read. */
record ImageFile(String name, byte[] bytes, ImageReadOptions options) {
  private static final long MAX_BYTES = 1L << 30;
  private static final int MAX_SIDE = 1_000_000;

  static RgbImage read(Path file, ImageReadOptions options) {
    try {
      if (Files.isDirectory(file)) {
        throw new UnreadableImageException(
            Reason.NO_ACCESS, file + " is a folder, not an image. Name the images in it.", null);
      }
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new UnreadableImageException(
            Reason.NO_ACCESS,
            file + " is no regular file but a device or a pipe. Save the image to a file first.",
            null);
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new UnreadableImageException(
            Reason.TOO_LARGE,
            "%s has %d bytes; image files of more than %d are not read. Make a smaller copy."
                .formatted(file, Files.size(file), MAX_BYTES),
            null);
      }
      return new ImageFile(file.toString(), Files.readAllBytes(file), options).decode();
    } catch (NoSuchFileException failure) {
      throw new UnreadableImageException(
          Reason.NO_ACCESS, file + " is not there. Check the path.", failure);
    } catch (AccessDeniedException failure) {
      throw new UnreadableImageException(
          Reason.NO_ACCESS,
          file + " may not be read by this user. Give permission to read it.",
          failure);
    } catch (IOException failure) {
      throw new UnreadableImageException(
          Reason.NO_ACCESS,
          "%s cannot be read (%s). Check its disk or connection."
              .formatted(file, failure.getMessage()),
          failure);
    }
  }

  RgbImage decode() {
    try {
      return switch (ImageFormat.of(this)) {
        case JPEG -> new JpegDecoder(this).decode();
        case PNG -> new PngDecoder(this).decode();
        case GIF -> new GifDecoder(this).decode();
        case BMP -> new BmpDecoder(this).decode();
        case WEBP -> new WebpDecoder(this).decode();
      };
    } catch (
        OutOfMemoryError
            failure) { // of one array for the pixels: the rest of the program has its memory
      throw new UnreadableImageException(
          Reason.TOO_LARGE,
          "%s takes more memory to decode than there is (%d MiB). %s"
              .formatted(name, availableMiB(), memoryAdvice(2 * availableMiB())),
          failure);
    }
  }

  /** Turns {@code image} upright if that is asked for. */
  RgbImage oriented(RgbImage image, ExifOrientation orientation) {
    return options.upright() ? orientation.upright(image) : image;
  }

  /** Refuses an image by its header, before memory is taken for it. */
  void checkSize(long width, long height) {
    if (width < 1 || height < 1) {
      throw damaged(
          "its header says %d x %d pixels, and an image has at least 1 x 1"
              .formatted(width, height));
    }
    if (width > options.maxPixels() / height || Math.max(width, height) > MAX_SIDE) {
      throw new UnreadableImageException(
          Reason.TOO_LARGE,
          "%s is %d x %d pixels by its header; images of more than %d pixels, or %d in a row, are not read. Make a smaller copy, or raise the limit (--max-pixels)."
              .formatted(name, width, height, options.maxPixels(), MAX_SIDE),
          null);
    }
    long needed = 2 * 3 * width * height; // once as decoded, once turned upright
    if (needed > 2L * Integer.MAX_VALUE - 16) {
      throw tooLargeForMemory(width, height, needed);
    }
    checkMemory(width, height, needed);
  }

  /** Refuses an image whose pixels take {@code needed} bytes if there is not so much memory. */
  void checkMemory(long width, long height, long needed) {
    if (needed > Runtime.getRuntime().maxMemory()) {
      throw tooLargeForMemory(width, height, needed);
    }
  }

  private UnreadableImageException tooLargeForMemory(long width, long height, long needed) {
    long mebibytes = needed >> 20;
    return new UnreadableImageException(
        Reason.TOO_LARGE,
        "%s is %d x %d pixels by its header and takes %d MiB to decode, more than there is (%d MiB). %s"
            .formatted(name, width, height, mebibytes, availableMiB(), memoryAdvice(2 * mebibytes)),
        null);
  }

  private static long availableMiB() {
    return Runtime.getRuntime().maxMemory() >> 20;
  }

  private static String memoryAdvice(long mebibytes) {
    return "Make a smaller copy, or give Java more memory (VIGNETTE_JAVA_OPTS=-Xmx%dm)."
        .formatted(mebibytes);
  }

  UnreadableImageException truncated(String what) {
    return new UnreadableImageException(
        Reason.TRUNCATED,
        "%s is truncated: %s (it has %d bytes). Get the file again."
            .formatted(name, what, bytes.length),
        null);
  }

  UnreadableImageException damaged(String what) {
    return damaged(what, null);
  }

  UnreadableImageException damaged(String what, @Nullable Throwable cause) {
    return new UnreadableImageException(
        Reason.DAMAGED, "%s is damaged: %s. Get the file again.".formatted(name, what), cause);
  }

  UnreadableImageException unsupported(String what) {
    return new UnreadableImageException(
        Reason.UNSUPPORTED,
        "%s is %s; read are JPEG, PNG, WebP, GIF and BMP. Convert it to PNG or JPEG."
            .formatted(name, what),
        null);
  }

  int unsigned8(int offset) {
    return bytes[offset] & 0xFF;
  }

  int bigEndian16(int offset) {
    return unsigned8(offset) << 8 | unsigned8(offset + 1);
  }

  long bigEndian32(int offset) {
    return (long) bigEndian16(offset) << 16 | bigEndian16(offset + 2);
  }

  int littleEndian16(int offset) {
    return unsigned8(offset) | unsigned8(offset + 1) << 8;
  }

  long littleEndian32(int offset) {
    return littleEndian16(offset) | (long) littleEndian16(offset + 2) << 16;
  }

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
            Map.entry("P5\n", "a PGM image"),
            Map.entry("P5 ", "a PGM image"),
            Map.entry("P6\n", "a PPM image"),
            Map.entry("P6 ", "a PPM image"),
            Map.entry("qoif", "a QOI image"),
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
}
