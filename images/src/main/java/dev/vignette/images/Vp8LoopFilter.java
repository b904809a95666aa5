package dev.vignette.images;

import dev.vignette.images.Vp8Frame.Plane;

/**
 * Smooths the edges of macroblocks and blocks in a VP8 picture (RFC 6386, 15), macroblock after
 * macroblock.
 */
final class Vp8LoopFilter {
  private final Vp8Header header;
  private final Vp8Frame frame;
  private int limit;
  private int interior;
  private int variance;

  Vp8LoopFilter(Vp8Header header, Vp8Frame frame) {
    this.header = header;
    this.frame = frame;
  }

  /**
   * Filters the macroblock at {@code column} and {@code row}.
   *
   * @param level strength, 0 to 63
   * @param inner whether the edges within it are filtered, too
   */
  void filter(int column, int row, int level, boolean inner) {
    if (level == 0) {
      return;
    }
    interior = interiorLimit(level);
    limit = 2 * level + interior;
    variance = level >= 40 ? 2 : level >= 15 ? 1 : 0;
    filter(frame.luma(), column, row, 16, inner);
    if (!header.simpleFilter()) {
      filter(frame.u(), column, row, 8, inner);
      filter(frame.v(), column, row, 8, inner);
    }
  }

  private int interiorLimit(int level) {
    int sharpness = header.sharpness();
    if (sharpness == 0) {
      return Math.max(1, level);
    }
    return Math.max(1, Math.min(level >> (sharpness > 4 ? 2 : 1), 9 - sharpness));
  }

  /** Filters across, then down: the edge to the neighbour, then those of the blocks. */
  private void filter(Plane plane, int column, int row, int size, boolean inner) {
    int at = plane.at(column * size, row * size);
    int stride = plane.stride();
    if (column > 0) {
      filterEdge(plane.samples(), at, 1, stride, size, true);
    }
    for (int i = 4; inner && i < size; i += 4) {
      filterEdge(plane.samples(), at + i, 1, stride, size, false);
    }
    if (row > 0) {
      filterEdge(plane.samples(), at, stride, 1, size, true);
    }
    for (int i = 4; inner && i < size; i += 4) {
      filterEdge(plane.samples(), at + i * stride, stride, 1, size, false);
    }
  }

  /**
   * Filters {@code size} places along an edge; {@code across} goes over the edge, {@code along}
   * along it.
   */
  private void filterEdge(
      byte[] samples, int first, int across, int along, int size, boolean outer) {
    int edgeLimit = 2 * (outer ? limit + 4 : limit) + 1;
    for (int at = first; at < first + size * along; at += along) {
      if (4 * distance(samples, at - across, at) + distance(samples, at - 2 * across, at + across)
          > edgeLimit) {
        continue;
      }
      if (header.simpleFilter()) {
        filterTwo(samples, at, across);
      } else if (isSmooth(samples, at, across)) {
        if (distance(samples, at - 2 * across, at - across) > variance
            || distance(samples, at + across, at) > variance) {
          filterTwo(samples, at, across);
        } else if (outer) {
          filterSix(samples, at, across);
        } else {
          filterFour(samples, at, across);
        }
      }
    }
  }

  private boolean isSmooth(byte[] samples, int at, int across) {
    for (int i = 1; i <= 3; i++) {
      if (distance(samples, at - i * across, at - (i + 1) * across) > interior
          || distance(samples, at + i * across, at + (i - 1) * across) > interior) {
        return false;
      }
    }
    return true;
  }

  private static void filterTwo(byte[] samples, int at, int across) {
    int step =
        3 * difference(samples, at, at - across)
            + clip(difference(samples, at - 2 * across, at + across), -128, 127);
    add(samples, at - across, clip(step + 3 >> 3, -16, 15));
    add(samples, at, -clip(step + 4 >> 3, -16, 15));
  }

  private static void filterFour(byte[] samples, int at, int across) {
    int step = 3 * difference(samples, at, at - across);
    int right = clip(step + 4 >> 3, -16, 15);
    int outer = right + 1 >> 1;
    add(samples, at - 2 * across, outer);
    add(samples, at - across, clip(step + 3 >> 3, -16, 15));
    add(samples, at, -right);
    add(samples, at + across, -outer);
  }

  private static void filterSix(byte[] samples, int at, int across) {
    int outside = clip(difference(samples, at - 2 * across, at + across), -128, 127);
    int step = clip(3 * difference(samples, at, at - across) + outside, -128, 127);
    for (int i = 0; i < 3; i++) {
      int change = (27 - 9 * i) * step + 63 >> 7;
      add(samples, at - (i + 1) * across, change);
      add(samples, at + i * across, -change);
    }
  }

  private static void add(byte[] samples, int at, int change) {
    samples[at] = (byte) clip((samples[at] & 0xFF) + change, 0, 255);
  }

  private static int difference(byte[] samples, int a, int b) {
    return (samples[a] & 0xFF) - (samples[b] & 0xFF);
  }

  private static int distance(byte[] samples, int a, int b) {
    return Math.abs(difference(samples, a, b));
  }

  private static int clip(int value, int low, int high) {
    return value < low ? low : Math.min(value, high);
  }
}
