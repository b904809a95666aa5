package dev.vignette.images;

import dev.vignette.images.WebpStructure.Part;

/** The frame header of a VP8 key frame (RFC 6386, 9). */
final class Vp8Header {
  static final int SEGMENTS = 4;

  /** What {@link #skipProbability} is if macroblocks do not say whether they have coefficients. */
  static final int NO_SKIPPING = -1;

  private static final int START_BYTES = 10;

  private final int width;
  private final int height;
  private final Vp8BoolDecoder first;
  private final Vp8BoolDecoder[] partitions;
  private final boolean segmented;
  private boolean segmentMap;
  private boolean absolute;
  private final int[] segmentQuantizers = new int[SEGMENTS];
  private final int[] segmentFilters = new int[SEGMENTS];
  private final int[] segmentProbabilities = {255, 255, 255};
  private final boolean simpleFilter;
  private final int filterLevel;
  private final int sharpness;
  private int intraFilterDelta;
  private int blockFilterDelta;
  private final Vp8Quantizer[] quantizers = new Vp8Quantizer[SEGMENTS];
  private final int[] probabilities = WebpTables.COEFFICIENTS.clone();
  private final int skipProbability;

  Vp8Header(ImageFile file, Part data) {
    int at = data.from();
    int start = file.unsigned8(at) | file.unsigned8(at + 1) << 8 | file.unsigned8(at + 2) << 16;
    if ((start & 1) != 0
        || (start >> 1 & 7) > 3
        || (start >> 4 & 1) == 0
        || file.unsigned8(at + 3) != 0x9D
        || file.unsigned8(at + 4) != 1
        || file.unsigned8(at + 5) != 0x2A) {
      throw file.damaged("its VP8 picture is no visible key frame");
    }
    width = file.littleEndian16(at + 6) & 0x3FFF;
    height = file.littleEndian16(at + 8) & 0x3FFF;
    file.checkSize(width, height);
    int firstEnd = at + START_BYTES + (start >> 5);
    if (firstEnd > data.to()) {
      throw file.truncated("it ends within the first part of its VP8 picture");
    }
    first = new Vp8BoolDecoder(file.bytes(), at + START_BYTES, firstEnd);
    first.number(2); // colour space and whether clamping can be left out, which change nothing
    segmented = first.flag();
    if (segmented) {
      readSegments();
    }
    simpleFilter = first.flag();
    filterLevel = first.number(6);
    sharpness = first.number(3);
    readFilterDeltas();
    partitions = partitions(file, firstEnd, data.to());
    readQuantizers();
    first.flag(); // whether the probabilities are kept for the next frame, of which there is none
    readProbabilities();
    skipProbability = first.flag() ? first.number(8) : NO_SKIPPING;
    if (first.exhausted()) {
      throw file.truncated("it ends within the header of its VP8 picture");
    }
  }

  private void readSegments() {
    segmentMap = first.flag();
    if (first.flag()) {
      absolute = first.flag();
      for (int i = 0; i < SEGMENTS; i++) {
        segmentQuantizers[i] = first.optionalNumber(7);
      }
      for (int i = 0; i < SEGMENTS; i++) {
        segmentFilters[i] = first.optionalNumber(6);
      }
    }
    for (int i = 0; segmentMap && i < segmentProbabilities.length; i++) {
      segmentProbabilities[i] = first.flag() ? first.number(8) : 255;
    }
  }

  /** Of the deltas for frames and modes only those of key frames and of 4 x 4 blocks are needed. */
  private void readFilterDeltas() {
    int[] deltas = new int[8];
    boolean used = first.flag();
    if (used && first.flag()) {
      for (int i = 0; i < deltas.length; i++) {
        deltas[i] = first.optionalNumber(6);
      }
    }
    intraFilterDelta = deltas[0];
    blockFilterDelta = deltas[4];
  }

  private Vp8BoolDecoder[] partitions(ImageFile file, int sizes, int end) {
    int count = 1 << first.number(2);
    int at = sizes + 3 * (count - 1);
    if (at >= end) {
      throw file.truncated("it ends before the coefficients of its VP8 picture");
    }
    Vp8BoolDecoder[] decoders = new Vp8BoolDecoder[count];
    for (int i = 0; i < count; i++) {
      int size = end - at;
      if (i < count - 1) {
        int sizeAt = sizes + 3 * i;
        size = Math.min(size, file.littleEndian16(sizeAt) | file.unsigned8(sizeAt + 2) << 16);
      }
      decoders[i] = new Vp8BoolDecoder(file.bytes(), at, at + size);
      at += size;
    }
    return decoders;
  }

  private void readQuantizers() {
    int base = first.number(7);
    int[] deltas = new int[5];
    for (int i = 0; i < deltas.length; i++) {
      deltas[i] = first.optionalNumber(4);
    }
    for (int i = 0; i < SEGMENTS; i++) {
      int index = segmented ? segmentQuantizers[i] + (absolute ? 0 : base) : base;
      quantizers[i] = Vp8Quantizer.of(index, deltas);
    }
  }

  private void readProbabilities() {
    for (int i = 0; i < probabilities.length; i++) {
      if (first.bit(WebpTables.COEFFICIENT_UPDATES[i]) != 0) {
        probabilities[i] = first.number(8);
      }
    }
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** The first part of the data, which goes on with the modes. */
  Vp8BoolDecoder first() {
    return first;
  }

  /** The data of the coefficients in a row of macroblocks. */
  Vp8BoolDecoder coefficients(int row) {
    return partitions[row & partitions.length - 1];
  }

  boolean segmentMap() {
    return segmentMap;
  }

  int[] segmentProbabilities() {
    return segmentProbabilities;
  }

  Vp8Quantizer quantizer(int segment) {
    return quantizers[segment];
  }

  /** The probabilities of coefficients: (kinds, bands, contexts, nodes). */
  int[] probabilities() {
    return probabilities;
  }

  /** The probability that a macroblock has coefficients, or {@link #NO_SKIPPING}. */
  int skipProbability() {
    return skipProbability;
  }

  boolean simpleFilter() {
    return simpleFilter;
  }

  boolean filters() {
    return filterLevel > 0;
  }

  int sharpness() {
    return sharpness;
  }

  /** How strongly the edges of a macroblock are filtered: 0 to 63. */
  int filterLevel(int segment, boolean blocks) {
    int level = segmented ? segmentFilters[segment] + (absolute ? 0 : filterLevel) : filterLevel;
    return Math.clamp(level + intraFilterDelta + (blocks ? blockFilterDelta : 0), 0, 63);
  }

  /**
   * The steps by which the coefficients of a segment are multiplied (RFC 6386, 14.1): of luma, of
   * the luma's averages, and of chroma; first coefficient and others.
   */
  record Vp8Quantizer(
      int lumaDc, int lumaAc, int averageDc, int averageAc, int chromaDc, int chromaAc) {

    /** For the index {@code base}, changed by five deltas in the order of the header. */
    static Vp8Quantizer of(int base, int[] deltas) {
      return new Vp8Quantizer(
          WebpTables.DC_STEPS[clip(base + deltas[0], 127)],
          WebpTables.AC_STEPS[clip(base, 127)],
          2 * WebpTables.DC_STEPS[clip(base + deltas[1], 127)],
          Math.max(8, WebpTables.AC_STEPS[clip(base + deltas[2], 127)] * 155 / 100),
          WebpTables.DC_STEPS[clip(base + deltas[3], 117)],
          WebpTables.AC_STEPS[clip(base + deltas[4], 127)]);
    }

    private static int clip(int index, int last) {
      return Math.clamp(index, 0, last);
    }
  }
}
