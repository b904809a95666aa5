package dev.vignette.images;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/** The chunks of a PNG file (W3C PNG, third edition) that its pixels depend on. */
final class PngStructure {
  static final int GREY = 0;
  static final int RGB = 2;
  static final int PALETTE = 3;
  static final int GREY_ALPHA = 4;
  static final int RGB_ALPHA = 6;

  private static final int SIGNATURE_BYTES = 8;
  private static final int AROUND_DATA = 12;
  private static final int HEADER_BYTES = 13;

  /** A part of the file: the pixels' compressed bytes from {@code offset} on. */
  record Part(int offset, int length) {}

  private final ImageFile file;
  private final int width;
  private final int height;
  private final int bits;
  private final int colorType;
  private final boolean interlaced;
  private final List<Part> pixelData = new ArrayList<>();
  private byte[] palette = new byte[0];
  private byte[] transparency = new byte[0];
  private Optional<PngMetadata> metadata = Optional.empty();

  /** Reads the chunks of {@code file}; refuses it if its header makes no sense or is too large. */
  PngStructure(ImageFile file) {
    this.file = file;
    int header = SIGNATURE_BYTES + 8;
    if (file.bytes().length < header + HEADER_BYTES) {
      throw file.truncated("it ends within the header");
    }
    if (!typeAt(SIGNATURE_BYTES).equals("IHDR")) {
      throw file.damaged("its first chunk is no header");
    }
    width = dimension(header);
    height = dimension(header + 4);
    file.checkSize(width, height);
    bits = file.unsigned8(header + 8);
    colorType = file.unsigned8(header + 9);
    interlaced = file.unsigned8(header + 12) != 0;
    checkHeader(
        file.unsigned8(header + 10) | file.unsigned8(header + 11), file.unsigned8(header + 12));
    readChunks(SIGNATURE_BYTES);
  }

  private int dimension(int offset) {
    long value = file.bigEndian32(offset);
    if (value > Integer.MAX_VALUE) {
      throw file.damaged(
          "its header says %d pixels, and a PNG has at most 2147483647 in a row".formatted(value));
    }
    return (int) value;
  }

  private void checkHeader(int methods, int interlacing) {
    boolean bitsFit =
        switch (colorType) {
          case GREY -> bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
          case PALETTE -> bits == 1 || bits == 2 || bits == 4 || bits == 8;
          case RGB, GREY_ALPHA, RGB_ALPHA -> bits == 8 || bits == 16;
          default -> false;
        };
    if (!bitsFit || methods != 0 || interlacing > 1) {
      throw file.damaged(
          "its header says colour type %d of %d bits, which no PNG has".formatted(colorType, bits));
    }
  }

  private void readChunks(int start) {
    int at = start;
    int end = file.bytes().length;
    while (at + 8 <= end) {
      String type = typeAt(at);
      int data = at + 8;
      int length = (int) Math.min(file.bigEndian32(at), end - data);
      readChunk(type, at, data, length);
      if (type.equals("IEND") || length > end - data - 4) {
        return;
      }
      at += AROUND_DATA + length;
    }
  }

  private void readChunk(String type, int at, int data, int length) {
    switch (type) {
      case "IHDR" -> checkSum(type, at, length);
      case "IDAT" -> pixelData.add(new Part(data, length));
      case "PLTE" -> {
        checkSum(type, at, length);
        palette = Arrays.copyOfRange(file.bytes(), data, data + length);
      }
      case "tRNS" -> transparency = Arrays.copyOfRange(file.bytes(), data, data + length);
      case "eXIf", "tEXt", "zTXt", "iTXt" -> {
        if (metadata.isEmpty()) {
          metadata = Optional.of(new PngMetadata(file.bytes()));
        }
        metadata.get().add(type, data, data + length);
      }
      default -> {}
    }
  }

  private void checkSum(String type, int at, int length) {
    int end = at + 8 + length;
    if (end + 4 > file.bytes().length) {
      throw file.truncated("it ends within the chunk " + type);
    }
    CRC32 sum = new CRC32();
    sum.update(file.bytes(), at + 4, 4 + length);
    if (sum.getValue() != file.bigEndian32(end)) {
      throw file.damaged("the check sum of its chunk %s is wrong".formatted(type));
    }
  }

  private String typeAt(int chunk) {
    return new String(file.bytes(), chunk + 4, 4, StandardCharsets.ISO_8859_1);
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** Bits a sample: 1, 2, 4, 8 or 16. */
  int bits() {
    return bits;
  }

  /** Samples a pixel. */
  int samples() {
    return switch (colorType) {
      case GREY, PALETTE -> 1;
      case GREY_ALPHA -> 2;
      case RGB -> 3;
      default -> 4;
    };
  }

  int colorType() {
    return colorType;
  }

  boolean hasAlpha() {
    return colorType == GREY_ALPHA || colorType == RGB_ALPHA;
  }

  boolean interlaced() {
    return interlaced;
  }

  List<Part> pixelData() {
    return pixelData;
  }

  /** Red, green, blue of each entry; empty if there is no palette. */
  byte[] palette() {
    return palette;
  }

  /**
   * Alpha of the first entries of the palette, or the transparent colour in 16 bits a sample; empty
   * if none.
   */
  byte[] transparency() {
    return transparency;
  }

  ExifOrientation orientation() {
    return metadata.map(PngMetadata::orientation).orElse(ExifOrientation.TOP_LEFT);
  }
}
