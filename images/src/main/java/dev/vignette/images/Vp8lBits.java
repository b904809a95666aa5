package dev.vignette.images;

import dev.vignette.images.WebpStructure.Part;

/** Reads bits, the lowest of each byte first. */
final class Vp8lBits {
  private final ImageFile file;
  private final byte[] bytes;
  private final int end;
  private int position;
  private long window;
  private int available;

  Vp8lBits(ImageFile file, Part data) {
    this.file = file;
    this.bytes = file.bytes();
    this.position = data.from();
    this.end = data.to();
  }

  /** The next {@code count} bits, 0 to 24 of them. */
  int read(int count) {
    int bits = peek(count);
    skip(count);
    return bits;
  }

  boolean flag() {
    return read(1) != 0;
  }

  /** The next {@code count} bits without passing over them; beyond the end they are 0. */
  int peek(int count) {
    while (available < count && position < end) {
      window |= (bytes[position++] & 0xFFL) << available;
      available += 8;
    }
    return (int) window & (1 << count) - 1;
  }

  /** Passes over {@code count} bits that were looked at. */
  void skip(int count) {
    if (count > available) {
      throw file.truncated("its lossless picture is not whole");
    }
    window >>>= count;
    available -= count;
  }

  UnreadableImageException damaged(String what) {
    return file.damaged("its lossless picture " + what);
  }
}
