package dev.vignette.images;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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
  private static final String EXIF = "Exif\0\0";
  private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";
  private static final byte[] NONE = {};

  private final ImageFile file;
  private final JpegTables tables;
  private int position = 2;
  private Optional<JpegFrame> frame = Optional.empty();
  private boolean jfif;
  private int adobeTransform = -1;
  private int scans;
  private int lastUnits;
  private byte[] rgb = NONE;
  private final ByteArrayOutputStream exif = new ByteArrayOutputStream(0);
  private byte[] xmp = NONE;

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
    return upright(frame("it ends without a frame"));
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
      case 0xE1 -> readMetadata(from);
      case 0xEE ->
          adobeTransform =
              startsWith(from, "Adobe", 12) ? file.unsigned8(from + 11) : adobeTransform;
      default -> requireKnown(marker);
    }
  }

  /** Refuses what only damage, or an extension that nobody uses, puts there: libjpeg does. */
  private void requireKnown(int marker) {
    boolean isApplicationData = marker >= 0xE0 && marker <= 0xEF;
    boolean isPassedOver = marker == 0xCC || marker == 0xDC || marker == 0xFE;
    if (!isApplicationData && !isPassedOver) {
      throw file.damaged(
          "it has a segment of the kind %02X, which JPEG reserves".formatted(marker));
    }
  }

  private void readFrame(int marker, int from) {
    if (frame.isPresent()) {
      throw file.damaged("it has two frames");
    }
    JpegFrame read = JpegFrame.read(file, marker, from, position);
    rgb = new byte[3 * read.width() * read.height()]; // first, while memory is in one piece
    read.allocate(file);
    frame = Optional.of(read);
  }

  private JpegFrame frame(String complaint) {
    if (frame.isEmpty()) {
      throw file.damaged(complaint);
    }
    return frame.get();
  }

  /**
   * Keeps what may say how the picture lies, as Pillow does: of several EXIF segments the later
   * ones go on where the earlier ones end, of XMP the last counts, and all stand before the first
   * scan.
   */
  private void readMetadata(int from) {
    if (scans > 0) {
      return;
    }
    if (startsWith(from, EXIF, EXIF.length())) {
      int added = exif.size() == 0 ? from : from + EXIF.length();
      exif.write(file.bytes(), added, position - added);
    } else if (startsWith(from, XMP, XMP.length())) {
      xmp = Arrays.copyOfRange(file.bytes(), from + XMP.length(), position);
    }
  }

  private void readScan(int from) {
    JpegFrame of = frame("a scan comes before the frame");
    int data = position;
    scans++;
    skipScan();
    lastUnits = new JpegScan(file, of, tables, from, data, position, scans == 1).decode();
  }

  /**
   * Moves to the first marker in entropy-coded data that is not a restart. Where there are
   * restarts, bytes that are no marker of the standard end at the next of them.
   */
  private void skipScan() {
    byte[] bytes = file.bytes();
    int least = tables.restartInterval() > 0 ? 0xC0 : 1;
    for (int at = position; at + 1 < bytes.length; at++) {
      if (bytes[at] == (byte) 0xFF) {
        int next = bytes[at + 1] & 0xFF;
        if (next >= least && next != 0xFF && (next < 0xD0 || next > 0xD7)) {
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

  /** The picture, of which each row goes at once to where it stands upright. */
  private RgbImage upright(JpegFrame whole) {
    whole.smooth(lastUnits, scans);
    ExifOrientation orientation =
        file.options().upright()
            ? ExifOrientation.of(exif.toByteArray(), xmp)
            : ExifOrientation.TOP_LEFT;
    int width = whole.width();
    int height = whole.height();
    boolean turned = orientation != ExifOrientation.TOP_LEFT;
    byte[] row = turned ? new byte[3 * width] : rgb;
    List<JpegRows> rows = new ArrayList<>();
    for (JpegComponent component : whole.components()) {
      rows.add(new JpegRows(component, whole));
    }
    boolean ycc = isYcc(whole.components());
    for (int y = 0; y < height; y++) {
      int out = turned ? 0 : 3 * y * width;
      writeRow(rows, ycc, y, row, out, width);
      if (turned) {
        orientation.place(row, 0, y, width, height, rgb);
      }
    }
    return orientation.transposes()
        ? new RgbImage(height, width, rgb)
        : new RgbImage(width, height, rgb);
  }

  private static void writeRow(
      List<JpegRows> rows, boolean ycc, int y, byte[] rgb, int out, int width) {
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
