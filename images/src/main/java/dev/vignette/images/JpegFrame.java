package dev.vignette.images;

import java.util.ArrayList;
import java.util.List;

/**
 * The frame of a JPEG file (ITU-T T.81, B.2.2).
 *
 * @param width pixels
 * @param height rows
 * @param progressive whether coefficients come in several scans, bit by bit
 * @param components what a pixel is made of, 1, 3 or 4
 * @param horizontal the most blocks across that a component has in a unit
 * @param vertical the most blocks down that a component has in a unit
 */
record JpegFrame(
    int width,
    int height,
    boolean progressive,
    List<JpegComponent> components,
    int horizontal,
    int vertical) {
  private static final int PROGRESSIVE = 0xC2;
  private static final int ARITHMETIC = 0xC8;

  /**
   * Reads the frame of {@code marker} from {@code from} to before {@code to}; its components have
   * no memory yet.
   */
  static JpegFrame read(ImageFile file, int marker, int from, int to) {
    if (to - from < 6 || to - from != 6 + 3 * file.unsigned8(from + 5)) {
      throw file.damaged("its frame header has %d bytes".formatted(to - from));
    }
    int bits = file.unsigned8(from);
    if (marker > PROGRESSIVE || bits != 8) {
      String kind =
          marker > ARITHMETIC
              ? "arithmetic coding"
              : marker > PROGRESSIVE ? "lossless" : "Huffman coding";
      throw file.unsupported("a JPEG of a rare kind (%s, %d bits a sample)".formatted(kind, bits));
    }
    int height = file.bigEndian16(from + 1);
    int width = file.bigEndian16(from + 3);
    file.checkSize(width, height);
    int count = file.unsigned8(from + 5);
    if (count != 1 && count != 3 && count != 4) {
      throw file.unsupported("a JPEG of %d components, not 1, 3 or 4".formatted(count));
    }
    List<JpegComponent> components = new ArrayList<>();
    for (int at = from + 6; at < from + 6 + 3 * count; at += 3) {
      int sampling = file.unsigned8(at + 1);
      components.add(
          new JpegComponent(
              file.unsigned8(at), sampling >> 4, sampling & 15, file.unsigned8(at + 2)));
    }
    return of(file, width, height, marker == PROGRESSIVE, components);
  }

  private static JpegFrame of(
      ImageFile file, int width, int height, boolean progressive, List<JpegComponent> components) {
    int horizontal = 1;
    int vertical = 1;
    for (JpegComponent component : components) {
      horizontal = Math.max(horizontal, component.horizontal());
      vertical = Math.max(vertical, component.vertical());
    }
    for (JpegComponent component : components) {
      int across = component.horizontal();
      int down = component.vertical();
      if (across < 1 || across > 4 || down < 1 || down > 4) {
        throw file.damaged("a component has %d x %d blocks in a unit".formatted(across, down));
      }
      if (horizontal % across != 0 || vertical % down != 0) {
        throw file.unsupported("a JPEG with chroma that is no whole part of luma");
      }
    }
    return new JpegFrame(width, height, progressive, List.copyOf(components), horizontal, vertical);
  }

  /** Takes the memory of the components; refuses the image if there is not enough. */
  void allocate(ImageFile file) {
    long bytes = 3L * width * height;
    for (JpegComponent component : components) {
      bytes += component.footprint(unitColumns(), unitRows(), progressive);
    }
    file.checkMemory(width, height, bytes);
    for (JpegComponent component : components) {
      component.allocate(
          unitColumns(),
          unitRows(),
          ceiling(width * component.horizontal(), horizontal),
          ceiling(height * component.vertical(), vertical),
          progressive);
    }
  }

  /**
   * Estimates what the scans of a progressive file have not told, once all are read.
   *
   * @param lastUnits the last row of units that the last scan has data of
   * @param scans how many there were
   */
  void smooth(int lastUnits, int scans) {
    if (progressive
        && components.stream().allMatch(JpegComponent::hasSteps)
        && JpegSmoothing.helps(components.stream().map(JpegComponent::unknownBits).toList())) {
      components.forEach(component -> component.smooth(lastUnits, scans == 1));
    }
  }

  /** Units across, of which the last may reach beyond the picture. */
  int unitColumns() {
    return ceiling(width, 8 * horizontal);
  }

  /** Units down, of which the last may reach beyond the picture. */
  int unitRows() {
    return ceiling(height, 8 * vertical);
  }

  static int ceiling(int value, int divisor) {
    return (value + divisor - 1) / divisor;
  }
}
