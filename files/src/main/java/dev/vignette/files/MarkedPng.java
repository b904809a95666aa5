package dev.vignette.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * PNGs that say that this program wrote them, in a text chunk ({@code Software}) after the header,
 * so that they can be told from somebody else's pictures of the same names.
 */
public final class MarkedPng {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

  /** Bytes of the signature and of the header chunk, which comes first in every PNG. */
  private static final int HEADER_END = SIGNATURE.length + 4 + 4 + 13 + 4;

  /** A chunk's type and what is in it: keyword, zero, text. */
  private static final String MARK = "tEXtSoftware\0Vignette";

  private MarkedPng() {}

  /** Returns whether {@code bytes} begin as a PNG does. */
  public static boolean isPng(byte[] bytes) {
    return bytes.length > HEADER_END
        && Arrays.equals(bytes, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
  }

  /**
   * Returns whether {@code file} is a regular one that begins as a PNG does, by this program or
   * not.
   *
   * @throws IOException if it cannot be read
   */
  public static boolean isPng(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      return isPng(in.readNBytes(HEADER_END + 1));
    }
  }

  /**
   * Writes a PNG with the mark; its pixels and everything else in it stay.
   *
   * @throws IllegalArgumentException if it is no PNG
   * @throws dev.vignette.files.faults.UnwritableFileException if it cannot be written
   */
  public static void write(Path file, byte[] png) {
    byte[] marked = marked(png);
    AtomicFile.write(file, out -> out.write(marked));
  }

  /**
   * Returns whether nothing of anybody's is lost when {@code file} is written: it is not there, is
   * empty, or has the mark.
   *
   * @throws IOException if it cannot be read
   */
  public static boolean isFree(Path file) throws IOException {
    return OwnFile.isFree(file, MARK);
  }

  private static byte[] marked(byte[] png) {
    if (!isPng(png)) {
      throw new IllegalArgumentException("Only a PNG can be marked as one of this program's");
    }
    byte[] chunk = MARK.getBytes(StandardCharsets.US_ASCII);
    CRC32 check = new CRC32();
    check.update(chunk);
    ByteBuffer whole = ByteBuffer.allocate(png.length + 4 + chunk.length + 4);
    whole.put(png, 0, HEADER_END);
    whole.putInt(chunk.length - 4).put(chunk).putInt((int) check.getValue());
    whole.put(png, HEADER_END, png.length - HEADER_END);
    return whole.array();
  }
}
