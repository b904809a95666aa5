package dev.vignette.images;

/**
 * The bits of a JPEG scan (ITU-T T.81, F.2.2.5), highest first. A zero after 0xFF is stuffing; any
 * other byte is a marker, at which the bits end. Beyond the end they are zeros, and {@link
 * #exhausted} says so.
 */
final class JpegBits {
  private final byte[] bytes;
  private final int end;
  private int position;
  private long window;
  private int available;
  private boolean exhausted;

  /** The bits of {@code bytes} from {@code from} to before {@code to}. */
  JpegBits(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.position = from;
    this.end = to;
  }

  /** Whether more bits were used than there were before the marker. */
  boolean exhausted() {
    return exhausted;
  }

  /** The next {@code count} bits, at most 16, without passing over them. */
  int peek(int count) {
    if (available < count) {
      fill();
      if (available < count) {
        return (int) (window << count - available) & (1 << count) - 1;
      }
    }
    return (int) (window >>> available - count) & (1 << count) - 1;
  }

  /** Passes over {@code count} bits, at most 17. */
  void skip(int count) {
    if (count > available) {
      fill();
    }
    if (count > available) {
      exhausted = true;
      available = 0;
      window = 0;
    } else {
      available -= count;
    }
  }

  /** The next {@code count} bits, 0 to 16, as a number from 0. */
  int read(int count) {
    int bits = peek(count);
    skip(count);
    return bits;
  }

  /** The next {@code count} bits as a number that is negative if the first is 0 (T.81, F.12). */
  int readSigned(int count) {
    if (count == 0) {
      return 0;
    }
    int bits = read(count);
    return bits < 1 << count - 1 ? bits - (1 << count) + 1 : bits;
  }

  private void fill() {
    while (available <= 48 && position < end) {
      int next = bytes[position] & 0xFF;
      if (next == 0xFF) {
        int behind = position + 1; // of several 0xFF, the last counts
        while (behind < end && bytes[behind] == (byte) 0xFF) {
          behind++;
        }
        if (behind >= end || bytes[behind] != 0) {
          return;
        }
        position = behind;
      }
      position++;
      window = window << 8 | next;
      available += 8;
    }
  }

  /**
   * Drops the bits up to the next marker and passes over it if it is the restart marker {@code
   * number}, 0 to 7. If it is another one, what to do is what libjpeg-turbo 3.1 does (jdmarker.c,
   * jpeg_resync_to_restart): a restart marker that is due soon, or one of another kind, is waited
   * for, so that there are no bits before it; one that was due is passed over. Waiting does not
   * make the bits exhausted: libjpeg makes one unit of zeros before it finds them missing.
   */
  void restart(int number) {
    available = 0;
    window = 0;
    while (findMarker()) {
      int marker = bytes[position + 1] & 0xFF;
      boolean restart = marker >= 0xD0 && marker <= 0xD7;
      int late = restart ? marker - 0xD0 - number & 7 : 0;
      if (marker >= 0xC0 && !restart || late == 1 || late == 2) {
        return;
      }
      position += 2;
      if (restart && late != 6 && late != 7) {
        exhausted = false;
        return;
      }
    }
    position = end;
  }

  private boolean findMarker() {
    while (position + 1 < end) {
      if (bytes[position] == (byte) 0xFF
          && bytes[position + 1] != 0
          && bytes[position + 1] != (byte) 0xFF) {
        return true;
      }
      position++;
    }
    return false;
  }
}
