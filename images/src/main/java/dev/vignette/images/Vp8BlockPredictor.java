package dev.vignette.images;

/**
 * Predicts the 4 x 4 blocks of luma (RFC 6386, 12.3). The thirteen samples around a block form one
 * edge, from the lowest on the left, up to the corner, and on along the row above to four samples
 * beyond the block.
 */
final class Vp8BlockPredictor {
  private static final int CORNER = 4;

  private final int[] edge = new int[13];

  /**
   * Fills the block at {@code at}. The four samples above and to the right of it are at {@code
   * beyond} in {@code beyondSamples}.
   */
  void predict(int mode, byte[] samples, int at, int stride, byte[] beyondSamples, int beyond) {
    for (int i = 0; i < 4; i++) {
      edge[i] = samples[at + (3 - i) * stride - 1] & 0xFF;
      edge[CORNER + 1 + i] = samples[at - stride + i] & 0xFF;
      edge[CORNER + 5 + i] = beyondSamples[beyond + i] & 0xFF;
    }
    edge[CORNER] = samples[at - stride - 1] & 0xFF;
    if (mode == Vp8Modes.TRUE_MOTION) {
      Vp8Predictor.predictMotion(samples, at, stride, 4);
      return;
    }
    if (mode == Vp8Modes.DC) {
      int around = edge[0] + edge[1] + edge[2] + edge[3] + edge[5] + edge[6] + edge[7] + edge[8];
      Vp8Predictor.fill(samples, at, stride, 4, around + 4 >> 3);
      return;
    }
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 4; x++) {
        samples[at + y * stride + x] = (byte) sample(mode, x, y);
      }
    }
  }

  private int sample(int mode, int x, int y) {
    return switch (mode) {
      case Vp8Modes.VERTICAL -> smooth(CORNER + 1 + x);
      case Vp8Modes.HORIZONTAL -> y == 3 ? mix(edge[1], edge[0], edge[0]) : smooth(3 - y);
      case Vp8Modes.DOWN_RIGHT -> smooth(CORNER + x - y);
      case Vp8Modes.DOWN_LEFT ->
          x + y == 6 ? mix(edge[11], edge[12], edge[12]) : smooth(CORNER + 2 + x + y);
      case Vp8Modes.VERTICAL_RIGHT -> verticalRight(x, y);
      case Vp8Modes.VERTICAL_LEFT -> verticalLeft(x, y);
      case Vp8Modes.HORIZONTAL_DOWN -> horizontalDown(x, y);
      default -> horizontalUp(x, y);
    };
  }

  private int verticalRight(int x, int y) {
    int step = 2 * x - y;
    if (step < -1) {
      return smooth(CORNER + 1 + step);
    }
    return (y & 1) == 0 ? between(CORNER + x - y / 2) : smooth(CORNER + x - y / 2);
  }

  private int verticalLeft(int x, int y) {
    if (x == 3 && y >= 2) {
      return smooth(CORNER + 4 + y);
    }
    return (y & 1) == 0 ? between(CORNER + 1 + x + y / 2) : smooth(CORNER + 2 + x + y / 2);
  }

  private int horizontalDown(int x, int y) {
    int step = 2 * y - x;
    if (step < -1) {
      return smooth(CORNER - 1 - step);
    }
    return (x & 1) == 0 ? between(CORNER - 1 - y + x / 2) : smooth(CORNER - y + x / 2);
  }

  private int horizontalUp(int x, int y) {
    int step = x + 2 * y;
    if (step > 5) {
      return edge[0];
    }
    if (step == 5) {
      return mix(edge[1], edge[0], edge[0]);
    }
    return (x & 1) == 0 ? between(2 - y - x / 2) : smooth(2 - y - x / 2);
  }

  private int between(int i) {
    return edge[i] + edge[i + 1] + 1 >> 1;
  }

  private int smooth(int i) {
    return mix(edge[i - 1], edge[i], edge[i + 1]);
  }

  private static int mix(int a, int b, int c) {
    return a + 2 * b + c + 2 >> 2;
  }
}
