package dev.vignette.captions;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The marker segments of a JPEG file (ITU-T T.81, annex B), from the first start of image to the
 * first end of image; what follows is passed over, as libjpeg does. A file without an end of image
 * is truncated: Pillow, too, refuses those.
 */
final class JpegStructure {
  private static final int END_OF_IMAGE = 0xD9;
  private static final int START_OF_SCAN = 0xDA;
  private static final int HUFFMAN_TABLES = 0xC4;
  private static final int JPEG_EXTENSION = 0xC8;
  private static final int ARITHMETIC_TABLES = 0xCC;

  /** A component of the frame: its id and its sampling factors. */
  record Component(int id, int horizontal, int vertical) {}

  private final ImageFile file;
  private final ByteArrayOutputStream essential;
  private final List<Component> components = new ArrayList<>();
  private int position = 2;
  private int width;
  private int height;
  private boolean jfif;
  private int adobeTransform = -1;
  private ExifOrientation orientation = ExifOrientation.TOP_LEFT;

  private JpegStructure(ImageFile file) {
    this.file = file;
    this.essential = new ByteArrayOutputStream(file.bytes().length);
    copy(0, 2);
  }

  /**
   * Walks through {@code file}; refuses it if it is truncated, of an unsupported kind, or too
   * large.
   */
  static JpegStructure of(ImageFile file) {
    JpegStructure structure = new JpegStructure(file);
    int marker;
    do {
      marker = structure.readSegment();
    } while (marker != END_OF_IMAGE);
    if (structure.components.isEmpty()) {
      throw file.damaged("it ends without a frame");
    }
    return structure;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  List<Component> components() {
    return components;
  }

  ExifOrientation orientation() {
    return orientation;
  }

  /** The file without application data, comments and what follows the image. */
  byte[] essential() {
    return essential.toByteArray();
  }

  /**
   * Whether three or four components are luma and chroma (and black): libjpeg's rules, jdapimin.c
   * of libjpeg-turbo 3.1.
   */
  boolean isYcc() {
    if (components.size() == 4) {
      return adobeTransform > 0;
    }
    if (jfif || adobeTransform >= 0) {
      return jfif || adobeTransform != 0;
    }
    return !(components.get(0).id() == 'R'
        && components.get(1).id() == 'G'
        && components.get(2).id() == 'B');
  }

  private int readSegment() {
    int start = findMarker();
    int marker = file.unsigned8(position - 1);
    if (marker == END_OF_IMAGE || marker == 0x01 || marker >= 0xD0 && marker <= 0xD8) {
      copy(start, position);
      return marker;
    }
    require(2);
    int length = file.bigEndian16(position);
    require(length);
    int data = position + 2;
    position += length;
    switch (marker) {
      case 0xE0 -> jfif |= startsWith(data, "JFIF\0", 14);
      case 0xE1 -> readExif(data);
      case 0xEE ->
          adobeTransform =
              startsWith(data, "Adobe", 12) ? file.unsigned8(data + 11) : adobeTransform;
      default -> readEssential(marker, start, data);
    }
    return marker;
  }

  private void readEssential(int marker, int start, int data) {
    if (marker > 0xE0 && marker <= 0xEF || marker == 0xFE) {
      return;
    }
    if ((marker & 0xF0) == 0xC0
        && marker != HUFFMAN_TABLES
        && marker != JPEG_EXTENSION
        && marker != ARITHMETIC_TABLES) {
      readFrame(marker, data);
    } else if (marker == START_OF_SCAN) {
      if (components.isEmpty()) {
        throw file.damaged("a scan comes before the frame");
      }
      skipScan();
    }
    copy(start, position);
  }

  private void readFrame(int marker, int data) {
    if (position - data < 6 || position - data < 6 + 3 * file.unsigned8(data + 5)) {
      throw file.damaged("its frame header is too short");
    }
    if (marker > 0xC2 || file.unsigned8(data) != 8) {
      throw file.unsupported(
          "a JPEG of a rare kind (%s, %d bits a sample)"
              .formatted(
                  marker > 0xC8
                      ? "arithmetic coding"
                      : marker > 0xC2 ? "lossless or hierarchical" : "Huffman coding",
                  file.unsigned8(data)));
    }
    if (!components.isEmpty()) {
      throw file.damaged("it has two frames");
    }
    height = file.bigEndian16(data + 1);
    width = file.bigEndian16(data + 3);
    file.checkSize(width, height);
    int count = file.unsigned8(data + 5);
    if (count != 1 && count != 3 && count != 4) {
      throw file.unsupported("a JPEG of %d components, not 1, 3 or 4".formatted(count));
    }
    for (int at = data + 6; at < data + 6 + 3 * count; at += 3) {
      components.add(
          new Component(
              file.unsigned8(at), file.unsigned8(at + 1) >> 4, file.unsigned8(at + 1) & 15));
    }
  }

  private void readExif(int data) {
    if (startsWith(data, "Exif\0\0", 6)) {
      orientation = ExifOrientation.of(file.bytes(), data, position);
    }
  }

  private boolean startsWith(int data, String text, int atLeast) {
    return position - data >= atLeast
        && text.equals(new String(file.bytes(), data, text.length(), StandardCharsets.ISO_8859_1));
  }

  /**
   * Moves behind the next marker and returns where it begins; bytes between segments are passed
   * over, as libjpeg does.
   */
  private int findMarker() {
    require(2);
    while (file.unsigned8(position) != 0xFF
        || file.unsigned8(position + 1) == 0xFF
        || file.unsigned8(position + 1) == 0) {
      position++;
      require(2);
    }
    position += 2;
    return position - 2;
  }

  /** Moves to the first marker in entropy-coded data that is not a restart. */
  private void skipScan() {
    byte[] bytes = file.bytes();
    for (int at = position; at + 1 < bytes.length; at++) {
      if (bytes[at] == (byte) 0xFF) {
        int next = bytes[at + 1] & 0xFF;
        if (next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7)) {
          position = at;
          return;
        }
      }
    }
    position = bytes.length;
  }

  private void require(int count) {
    if (count < 2) {
      throw file.damaged("a segment says it has %d bytes".formatted(count));
    }
    if (position + count > file.bytes().length) {
      throw file.truncated("it has no end of image");
    }
  }

  private void copy(int from, int to) {
    essential.write(file.bytes(), from, to - from);
  }
}
