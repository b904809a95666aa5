package dev.vignette.images;

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

  private static final int FIRST_TEXT_BYTES = 1 << 12;
  private static final byte[] NONE = {};

  /** A chunk whose data, after the text's name, are from {@code from} to before {@code to}. */
  private record Chunk(String type, int from, int to) {
    static final Chunk ABSENT = new Chunk("eXIf", 0, 0);
  }

  private final byte[] bytes;
  private Chunk exif = Chunk.ABSENT;
  private Chunk exifInHexadecimal = Chunk.ABSENT;
  private Chunk xmp = Chunk.ABSENT;

  PngMetadata(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Keeps a chunk whose data are from {@code from} to before {@code to} if it is one of these. */
  void add(String type, int from, int to) {
    if (type.equals("eXIf")) {
      exif = new Chunk(type, from, to);
      return;
    }
    int separator = zero(from, to);
    Chunk text = new Chunk(type, Math.min(separator + 1, to), to);
    switch (new String(bytes, from, separator - from, StandardCharsets.ISO_8859_1)) {
      case EXIF -> exif = type.equals("tEXt") ? text : exif;
      case EXIF_IN_HEXADECIMAL -> exifInHexadecimal = text;
      case XMP -> xmp = text;
      default -> {}
    }
  }

  ExifOrientation orientation() {
    byte[] data = exif.to() == 0 ? fromDigits(text(exifInHexadecimal)) : text(exif);
    return ExifOrientation.of(data, text(xmp));
  }

  /** What a chunk says; empty if it makes no sense. */
  private byte[] text(Chunk chunk) {
    int from = chunk.from();
    int to = chunk.to();
    return switch (chunk.type()) {
      case "zTXt" -> from < to && bytes[from] == 0 ? inflated(from + 1, to) : NONE;
      case "iTXt" -> international(from, to);
      default -> Arrays.copyOfRange(bytes, from, to);
    };
  }

  /** Behind whether it is compressed, the method, the language and the translated name. */
  private byte[] international(int from, int to) {
    if (to - from < 2) {
      return NONE;
    }
    int translated = Math.min(zero(from + 2, to) + 1, to);
    int text = Math.min(zero(translated, to) + 1, to);
    if (bytes[from] == 0) {
      return Arrays.copyOfRange(bytes, text, to);
    }
    return bytes[from + 1] == 0 ? inflated(text, to) : NONE;
  }

  /** Where the first zero from {@code from} on is; {@code to} if there is none before. */
  private int zero(int from, int to) {
    int at = from;
    while (at < to && bytes[at] != 0) {
      at++;
    }
    return at;
  }

  private byte[] inflated(int from, int to) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(bytes, from, to - from);
      byte[] text = new byte[FIRST_TEXT_BYTES];
      int length = inflater.inflate(text);
      while (length == text.length && length < MAX_TEXT_BYTES) {
        text = Arrays.copyOf(text, 2 * length);
        length += inflater.inflate(text, length, length);
      }
      return length < MAX_TEXT_BYTES ? Arrays.copyOf(text, length) : NONE;
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
