package dev.vignette.images;

/** Predicts pixels of lossless pictures from those before them (RFC 9649, 4.1). */
final class Vp8lPredictor {
  private static final int BLACK = 0xFF000000;

  private Vp8lPredictor() {}

  /** Adds the prediction of each pixel, whose mode is that of its square, to {@code argb}. */
  static void undo(int[] argb, int width, int bits, int[] modes) {
    int columns = Vp8lTransform.squares(width, bits);
    for (int i = 0; i < argb.length; i++) {
      int x = i % width;
      int prediction;
      if (i == 0) {
        prediction = BLACK;
      } else if (i < width) {
        prediction = argb[i - 1];
      } else if (x == 0) {
        prediction = argb[i - width];
      } else {
        int square = (i / width >> bits) * columns + (x >> bits);
        prediction = predict(modes[square] >> 8 & 15, argb, i, i - width);
      }
      argb[i] = Vp8lTransform.add(argb[i], prediction);
    }
  }

  /** The prediction for the pixel at {@code at}, below the one at {@code above}. */
  private static int predict(int mode, int[] argb, int at, int above) {
    int left = argb[at - 1];
    int top = argb[above];
    int topLeft = argb[above - 1];
    int topRight = argb[above + 1];
    return switch (mode) {
      case 1 -> left;
      case 2 -> top;
      case 3 -> topRight;
      case 4 -> topLeft;
      case 5 -> average(average(left, topRight), top);
      case 6 -> average(left, topLeft);
      case 7 -> average(left, top);
      case 8 -> average(topLeft, top);
      case 9 -> average(top, topRight);
      case 10 -> average(average(left, topLeft), average(top, topRight));
      case 11 -> select(left, top, topLeft);
      case 12 -> addDifference(left, top, topLeft);
      case 13 -> addHalfDifference(average(left, top), topLeft);
      default -> BLACK;
    };
  }

  private static int average(int a, int b) {
    return ((a ^ b) >>> 1 & 0x7F7F7F7F) + (a & b);
  }

  /** Of left and top the one that is nearer to left + top - topLeft. */
  private static int select(int left, int top, int topLeft) {
    int balance = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      int corner = channel(topLeft, shift);
      balance += Math.abs(channel(left, shift) - corner) - Math.abs(channel(top, shift) - corner);
    }
    return balance <= 0 ? top : left;
  }

  private static int addDifference(int left, int top, int topLeft) {
    int sum = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      int value = channel(left, shift) + channel(top, shift) - channel(topLeft, shift);
      sum |= Math.clamp(value, 0, 255) << shift;
    }
    return sum;
  }

  private static int addHalfDifference(int mean, int topLeft) {
    int sum = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      int value = channel(mean, shift);
      sum |= Math.clamp(value + (value - channel(topLeft, shift)) / 2, 0, 255) << shift;
    }
    return sum;
  }

  private static int channel(int argb, int shift) {
    return argb >>> shift & 0xFF;
  }
}
