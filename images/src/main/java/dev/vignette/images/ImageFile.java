package dev.vignette.images;

import dev.vignette.images.UnreadableImageException.Reason;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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
}
