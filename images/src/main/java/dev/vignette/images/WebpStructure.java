package dev.vignette.images;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** The chunks of a WebP file (RFC 9649, 2) that its first picture depends on. */
final class WebpStructure {
  private static final int FIRST_CHUNK = 12;
  private static final int CHUNK_HEADER = 8;
  private static final int FRAME_HEADER = 16;
  private static final int ALPHA_FLAG = 0x10;
  private static final int EXIF_FLAG = 0x08;
  private static final int XMP_FLAG = 0x04;
  private static final Set<String> OUTSIDE_FRAMES = Set.of("VP8X", "ANMF", "EXIF", "XMP ");
  private static final byte[] NONE = {};

  /** A part of the file, to before {@code to}. */
  record Part(int from, int to) {}

  /**
   * The first frame: where it is on the canvas, its pixels, lossless or lossy, and the alpha of
   * lossy ones.
   */
  record Frame(int left, int top, Part pixels, boolean lossless, Optional<Part> alpha) {}

  private final ImageFile file;
  private int width;
  private int height;
  private boolean extended;
  private int flags;
  private boolean alphaFlag;
  private boolean inFrame;
  private int left;
  private int top;
  private Optional<Part> alpha = Optional.empty();
  private Optional<Frame> frame = Optional.empty();
  private byte[] exif = NONE;
  private byte[] xmp = NONE;

  /**
   * Reads the chunks of {@code file}; refuses it if it is truncated, makes no sense or is too
   * large.
   */
  WebpStructure(ImageFile file) {
    this.file = file;
    if (file.bytes().length < FIRST_CHUNK + CHUNK_HEADER + 10) {
      throw file.truncated("it ends within the header");
    }
    readChunks(FIRST_CHUNK, file.bytes().length);
    long length = CHUNK_HEADER + file.littleEndian32(4);
    if (length > file.bytes().length) {
      throw file.truncated("it should have %d bytes".formatted(length));
    }
    if (frame.isEmpty()) {
      throw file.damaged("it has no picture");
    }
  }

  private void readChunks(int from, int to) {
    int at = from;
    while (at + CHUNK_HEADER <= to) {
      String type = new String(file.bytes(), at, 4, StandardCharsets.ISO_8859_1);
      int data = at + CHUNK_HEADER;
      long length = file.littleEndian32(at + 4);
      readChunk(type, data, (int) Math.min(data + length, to), data + length > to);
      at = (int) Math.min(data + length + (length & 1), to);
    }
  }

  private void readChunk(String type, int from, int to, boolean cut) {
    switch (inFrame && OUTSIDE_FRAMES.contains(type) ? "" : type) {
      case "VP8X" -> readCanvas(from, to);
      case "EXIF" -> exif = metadata(EXIF_FLAG, exif, from, to);
      case "XMP " -> xmp = metadata(XMP_FLAG, xmp, from, to);
      case "ANMF" -> readFrame(from, to, cut);
      case "ALPH" -> {
        if (frame.isEmpty()) {
          alpha = Optional.of(new Part(from, to));
        }
      }
      case "VP8 ", "VP8L" -> {
        if (frame.isEmpty()) {
          readPicture(type.equals("VP8L"), from, to, cut);
        }
      }
      default -> {}
    }
  }

  private void readCanvas(int from, int to) {
    if (to - from < 10) {
      throw file.truncated("it ends within the header");
    }
    extended = true;
    flags = file.unsigned8(from);
    alphaFlag = (flags & ALPHA_FLAG) != 0;
    width = 1 + littleEndian24(from + 4);
    height = 1 + littleEndian24(from + 7);
    file.checkSize(width, height);
  }

  private void readFrame(int from, int to, boolean cut) {
    if (frame.isPresent()) {
      return;
    }
    if (to - from < FRAME_HEADER) {
      throw file.truncated("it ends within its first frame");
    }
    left = 2 * littleEndian24(from);
    top = 2 * littleEndian24(from + 3);
    inFrame = true;
    readChunks(from + FRAME_HEADER, to);
    inFrame = false;
    if (frame.isEmpty()) {
      throw cut
          ? file.truncated("it ends within its first frame")
          : file.damaged("its first frame has no picture");
    }
  }

  private void readPicture(boolean lossless, int from, int to, boolean cut) {
    if (cut) {
      throw file.truncated("it ends within its first picture");
    }
    if (to - from < 10) {
      throw file.damaged("its picture has %d bytes".formatted(to - from));
    }
    if (!extended) {
      long sizes = file.littleEndian32(from + 1);
      width = lossless ? (int) (sizes & 0x3FFF) + 1 : file.littleEndian16(from + 6) & 0x3FFF;
      height = lossless ? (int) (sizes >> 14 & 0x3FFF) + 1 : file.littleEndian16(from + 8) & 0x3FFF;
      alphaFlag = lossless && (sizes >> 28 & 1) != 0;
      file.checkSize(width, height);
    }
    frame = Optional.of(new Frame(left, top, new Part(from, to), lossless, alpha));
  }

  /** The first chunk of metadata counts, and only if the header announces it, as in libwebp. */
  private byte[] metadata(int flag, byte[] before, int from, int to) {
    return (flags & flag) == 0 || before.length > 0
        ? before
        : Arrays.copyOfRange(file.bytes(), from, to);
  }

  private int littleEndian24(int offset) {
    return file.littleEndian16(offset) | file.unsigned8(offset + 2) << 16;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** Whether alpha counts; where it does not, pixels are opaque. */
  boolean hasAlpha() {
    return alphaFlag;
  }

  Frame frame() {
    return frame.orElseThrow();
  }

  ExifOrientation orientation() {
    return ExifOrientation.of(exif, xmp);
  }
}
