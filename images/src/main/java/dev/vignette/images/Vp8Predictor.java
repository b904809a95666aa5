package dev.vignette.images;

import dev.vignette.images.Vp8Frame.Plane;
import java.util.Arrays;

/** Predicts squares of samples from those above and to the left (RFC 6386, 12). */
final class Vp8Predictor {
  private Vp8Predictor() {}

  /**
   * Fills a square of luma (16) or chroma (8) whose upper left sample is at column {@code x} and
   * row {@code y}.
   */
  static void predict(Plane plane, int x, int y, int size, int mode) {
    byte[] samples = plane.samples();
    int stride = plane.stride();
    int at = plane.at(x, y);
    switch (mode) {
      case Vp8Modes.DC -> fill(samples, at, stride, size, average(plane, x, y, size));
      case Vp8Modes.VERTICAL -> {
        for (int row = 0; row < size; row++) {
          System.arraycopy(samples, at - stride, samples, at + row * stride, size);
        }
      }
      case Vp8Modes.HORIZONTAL -> {
        for (int row = at; row < at + size * stride; row += stride) {
          Arrays.fill(samples, row, row + size, samples[row - 1]);
        }
      }
      default -> predictMotion(samples, at, stride, size);
    }
  }

  /** The samples to the left, plus how those above differ from their first. */
  static void predictMotion(byte[] samples, int at, int stride, int size) {
    int corner = samples[at - stride - 1] & 0xFF;
    for (int row = at; row < at + size * stride; row += stride) {
      int base = (samples[row - 1] & 0xFF) - corner;
      for (int i = 0; i < size; i++) {
        samples[row + i] = (byte) Math.clamp(base + (samples[at - stride + i] & 0xFF), 0, 255);
      }
    }
  }

  /**
   * The mean of the samples above and to the left, as far as they are in the picture; 128 if none
   * are.
   */
  private static int average(Plane plane, int x, int y, int size) {
    byte[] samples = plane.samples();
    int at = plane.at(x, y);
    int sum = 0;
    int count = 0;
    if (y > 0) {
      for (int i = 0; i < size; i++) {
        sum += samples[at - plane.stride() + i] & 0xFF;
      }
      count += size;
    }
    if (x > 0) {
      for (int i = 0; i < size; i++) {
        sum += samples[at - 1 + i * plane.stride()] & 0xFF;
      }
      count += size;
    }
    return count == 0 ? 128 : (sum + count / 2) / count;
  }

  /** Sets a square of samples to {@code value}. */
  static void fill(byte[] samples, int at, int stride, int size, int value) {
    for (int row = at; row < at + size * stride; row += stride) {
      Arrays.fill(samples, row, row + size, (byte) value);
    }
  }
}
