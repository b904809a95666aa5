package dev.vignette.images;

/**
 * GIF's variable-length codes (GIF89a, appendix F): each code stands for an earlier string and one
 * more index.
 */
final class GifLzw {
  private static final int MAX_CODES = 4096;
  private static final int MAX_BITS = 12;

  private final ImageFile file;
  private final int minimumBits;
  private final int clear;
  private final int[] prefix = new int[MAX_CODES];
  private final byte[] last = new byte[MAX_CODES];
  private final int[] length = new int[MAX_CODES];
  private int position;
  private int blockEnd;
  private int buffer;
  private int buffered;

  /** Codes of at least {@code minimumBits} + 1 bits in the blocks at {@code position}. */
  GifLzw(ImageFile file, int position, int minimumBits) {
    if (minimumBits < 1 || minimumBits > 8) {
      throw file.damaged("its codes begin with %d bits, and GIF has 1 to 8".formatted(minimumBits));
    }
    this.file = file;
    this.position = position;
    this.blockEnd = position;
    this.minimumBits = minimumBits;
    this.clear = 1 << minimumBits;
    for (int i = 0; i < clear; i++) {
      last[i] = (byte) i;
      length[i] = 1;
    }
  }

  /** Fills {@code indices}. */
  void decode(byte[] indices) {
    int bits = minimumBits + 1;
    int next = clear + 2;
    int previous = -1;
    int out = 0;
    while (out < indices.length) {
      int code = nextCode(bits);
      if (code == clear) {
        bits = minimumBits + 1;
        next = clear + 2;
        previous = -1;
        continue;
      }
      if (code == clear + 1
          || code > next
          || previous < 0 && code > clear
          || code == next && next == MAX_CODES) {
        throw file.damaged(
            "its codes break off after %d of %d pixels".formatted(out, indices.length));
      }
      if (previous >= 0 && next < MAX_CODES) {
        prefix[next] = previous;
        length[next] = length[previous] + 1;
        last[next] = first(code == next ? previous : code);
        next++;
      }
      out = writeString(code, indices, out);
      previous = code;
      if (next == 1 << bits && bits < MAX_BITS) {
        bits++;
      }
    }
  }

  private byte first(int code) {
    int at = code;
    while (length[at] > 1) {
      at = prefix[at];
    }
    return last[at];
  }

  private int writeString(int code, byte[] indices, int out) {
    int end = out + length[code];
    int at = code;
    for (int i = end - 1; i >= out; i--) {
      if (i < indices.length) {
        indices[i] = last[at];
      }
      at = prefix[at];
    }
    return end;
  }

  private int nextCode(int bits) {
    while (buffered < bits) {
      buffer |= nextByte() << buffered;
      buffered += 8;
    }
    int code = buffer & (1 << bits) - 1;
    buffer >>>= bits;
    buffered -= bits;
    return code;
  }

  private int nextByte() {
    if (position == blockEnd) {
      if (position >= file.bytes().length) {
        throw file.truncated("its first frame is not whole");
      }
      int length = file.unsigned8(position++);
      if (length == 0) {
        throw file.damaged("its first frame is not whole");
      }
      blockEnd = position + length;
    }
    if (position >= file.bytes().length) {
      throw file.truncated("its first frame is not whole");
    }
    return file.unsigned8(position++);
  }
}
