package dev.vignette.captions;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The chunks of a PNG file that may say how the picture lies, as Pillow 12.3 takes them
 * (PngImagePlugin.py): EXIF data in a chunk of their own or, from before there was one, as the
 * hexadecimal text that ImageMagick writes, and XMP data in a text. Of several chunks of one kind
 * the last counts, and what cannot be read says nothing.
 */
final class PngMetadata {
  private static final String EXIF = "exif";
  private static final String EXIF_IN_HEXADECIMAL = "Raw profile type exif";
  private static final String XMP = "XML:com.adobe.xmp";

  /** Lines of ImageMagick's text before the digits: an empty one, the kind and the length. */
  private static final int LINES_BEFORE_DIGITS = 3;

  /** Texts of more bytes are passed over, so that a small file cannot take much memory. */
  private static final int MAX_TEXT_BYTES = 1 << 20;

  private static final byte[] NONE = {};

  private byte[] exif = NONE;
  private byte[] exifInText = NONE;
  private byte[] xmp = NONE;

  /** Reads a chunk whose data are from {@code from} to before {@code to} if it is one of these. */
  void read(String type, byte[] bytes, int from, int to) {
    if (type.equals("eXIf")) {
      exif = Arrays.copyOfRange(bytes, from, to);
      return;
    }
    int separator = zero(bytes, from, to);
    switch (new String(bytes, from, separator - from, StandardCharsets.ISO_8859_1)) {
      case EXIF -> exif = type.equals("tEXt") ? text(type, bytes, separator, to) : exif;
      case EXIF_IN_HEXADECIMAL -> exifInText = fromDigits(text(type, bytes, separator, to));
      case XMP -> xmp = text(type, bytes, separator, to);
      default -> {}
    }
  }

  ExifOrientation orientation() {
    return ExifOrientation.of(exif.length > 0 ? exif : exifInText, xmp);
  }

  /** The text behind the zero at {@code separator}; empty if the chunk makes no sense. */
  private static byte[] text(String type, byte[] bytes, int separator, int to) {
    int at = Math.min(separator + 1, to);
    if (type.equals("tEXt")) {
      return Arrays.copyOfRange(bytes, at, to);
    }
    if (type.equals("zTXt")) { // the method of compression, and the text
      return at < to && bytes[at] == 0 ? inflated(bytes, at + 1, to) : NONE;
    }
    // iTXt: whether it is compressed, the method, language, translated keyword, and the text
    if (to - at < 2) {
      return NONE;
    }
    int language = zero(bytes, at + 2, to);
    int translated = zero(bytes, Math.min(language + 1, to), to);
    int text = Math.min(translated + 1, to);
    if (bytes[at] == 0) {
      return Arrays.copyOfRange(bytes, text, to);
    }
    return bytes[at + 1] == 0 ? inflated(bytes, text, to) : NONE;
  }

  /** Where the first zero from {@code from} on is; {@code to} if there is none before. */
  private static int zero(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && bytes[at] != 0) {
      at++;
    }
    return at;
  }

  private static byte[] inflated(byte[] bytes, int from, int to) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(bytes, from, to - from);
      byte[] text = new byte[Math.min(MAX_TEXT_BYTES, 1 << 12)];
      int length = 0;
      while (true) {
        int count = inflater.inflate(text, length, text.length - length);
        length += count;
        if (length < text.length) {
          if (count == 0) {
            return Arrays.copyOf(text, length);
          }
        } else if (length == MAX_TEXT_BYTES) {
          return NONE;
        } else {
          text = Arrays.copyOf(text, Math.min(MAX_TEXT_BYTES, 4 * length));
        }
      }
    } catch (DataFormatException damaged) {
      return NONE;
    } finally {
      inflater.end();
    }
  }

  private static byte[] fromDigits(byte[] text) {
    int at = 0;
    for (int lines = 0; at < text.length && lines < LINES_BEFORE_DIGITS; at++) {
      lines += text[at] == '\n' ? 1 : 0;
    }
    byte[] data = new byte[(text.length - at + 1) / 2];
    int digits = 0;
    for (; at < text.length; at++) {
      int digit = Character.digit(text[at] & 0xFF, 16);
      if (digit >= 0) {
        data[digits / 2] |= (byte) (digit << 4 * (1 - digits % 2));
        digits++;
      } else if (!Character.isWhitespace(text[at] & 0xFF)) {
        return NONE;
      }
    }
    return Arrays.copyOf(data, digits / 2);
  }
}
