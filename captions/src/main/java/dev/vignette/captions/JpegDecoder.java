package dev.vignette.captions;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decodes JPEG files, sequential and progressive, to the pixels that Pillow 12 (libjpeg-turbo 3.1)
 * gives. Walks through the marker segments (ITU-T T.81, annex B) from the start of image to the
 * first end of image; what follows is passed over. A file without an end of image is truncated:
 * Pillow refuses most of those, too.
 */
final class JpegDecoder {
  private static final int END_OF_IMAGE = 0xD9;

  private final ImageFile file;
  private final JpegTables tables;
  private int position = 2;
  private Optional<JpegFrame> frame = Optional.empty();
  private boolean jfif;
  private int adobeTransform = -1;
  private ExifOrientation orientation = ExifOrientation.TOP_LEFT;

  JpegDecoder(ImageFile file) {
    this.file = file;
    this.tables = new JpegTables(file);
  }

  RgbImage decode() {
    int marker;
    do {
      marker = findMarker();
      if (marker < 0xD0 && marker != 0x01 || marker > END_OF_IMAGE) {
        readSegment(marker);
      }
    } while (marker != END_OF_IMAGE);
    JpegFrame whole = frame("it ends without a frame");
    if (whole.progressive()) {
      for (JpegComponent component : whole.components()) {
        component.transformAll();
      }
    }
    return file.oriented(new RgbImage(whole.width(), whole.height(), colors(whole)), orientation);
  }

  /**
   * Moves behind the next marker and returns it; bytes between segments are passed over, as libjpeg
   * does.
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
    return file.unsigned8(position - 1);
  }

  private void readSegment(int marker) {
    require(2);
    int length = file.bigEndian16(position);
    if (length < 2) {
      throw file.damaged("a segment says it has %d bytes".formatted(length));
    }
    require(length);
    int from = position + 2;
    position += length;
    switch (marker) {
      case 0xC4 -> tables.readHuffman(from, position);
      case 0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF ->
          readFrame(marker, from);
      case 0xDA -> readScan(from);
      case 0xDB -> tables.readQuantization(from, position);
      case 0xDD -> tables.readRestartInterval(from, position);
      case 0xE0 -> jfif |= startsWith(from, "JFIF\0", 14);
      case 0xE1 -> readExif(from);
      case 0xEE ->
          adobeTransform =
              startsWith(from, "Adobe", 12) ? file.unsigned8(from + 11) : adobeTransform;
      default -> {}
    }
  }

  private void readFrame(int marker, int from) {
    if (frame.isPresent()) {
      throw file.damaged("it has two frames");
    }
    frame = Optional.of(JpegFrame.read(file, marker, from, position));
  }

  private JpegFrame frame(String complaint) {
    if (frame.isEmpty()) {
      throw file.damaged(complaint);
    }
    return frame.get();
  }

  private void readExif(int from) {
    if (startsWith(from, "Exif\0\0", 6)) {
      orientation = ExifOrientation.of(file.bytes(), from, position);
    }
  }

  private void readScan(int from) {
    JpegFrame of = frame("a scan comes before the frame");
    int data = position;
    skipScan();
    new JpegScan(file, of, tables, from, data, position).decode();
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
    throw noEnd();
  }

  private boolean startsWith(int from, String text, int atLeast) {
    return position - from >= atLeast
        && text.equals(new String(file.bytes(), from, text.length(), StandardCharsets.ISO_8859_1));
  }

  private void require(int count) {
    if (position + count > file.bytes().length) {
      throw noEnd();
    }
  }

  private UnreadableImageException noEnd() {
    return file.truncated("it has no end of image");
  }

  private byte[] colors(JpegFrame whole) {
    int width = whole.width();
    byte[] rgb = new byte[3 * width * whole.height()];
    List<JpegRows> rows = new ArrayList<>();
    for (JpegComponent component : whole.components()) {
      rows.add(new JpegRows(component, whole));
    }
    boolean ycc = isYcc(whole.components());
    for (int y = 0, out = 0; y < whole.height(); y++, out += 3 * width) {
      byte[] first = rows.getFirst().row(y);
      if (rows.size() == 1) {
        JpegColor.writeGrey(first, rgb, out, width);
      } else if (ycc) {
        JpegColor.writeYcc(first, rows.get(1).row(y), rows.get(2).row(y), rgb, out, width);
      } else {
        JpegColor.writeRgb(first, rows.get(1).row(y), rows.get(2).row(y), rgb, out, width);
      }
      if (rows.size() == 4 && ycc) {
        JpegColor.invert(rgb, out, width);
      }
      if (rows.size() == 4) {
        JpegColor.multiplyByWhite(rows.get(3).row(y), rgb, out, width);
      }
    }
    return rgb;
  }

  /**
   * Whether three or four components are luma and chroma (and black): libjpeg's rules, jdapimin.c
   * of libjpeg-turbo 3.1.
   */
  private boolean isYcc(List<JpegComponent> components) {
    if (components.size() == 4) {
      return adobeTransform > 0;
    }
    if (jfif || adobeTransform >= 0) {
      return jfif || adobeTransform != 0;
    }
    return components.size() == 3
        && !(components.get(0).id() == 'R'
            && components.get(1).id() == 'G'
            && components.get(2).id() == 'B');
  }
}
