package dev.vignette.images;

/**
 * How the pixels between pixels are made, as Pillow does it (Pillow 12.3,
 * src/libImaging/Resample.c).
 */
public enum Resampling {
  /** A triangle over the two neighbours. */
  BILINEAR(1.0) {
    @Override
    double weight(double distance) {
      double x = Math.abs(distance);
      return x < 1 ? 1 - x : 0;
    }
  },
  /** A cubic over four neighbours, a = -0.5. */
  BICUBIC(2.0) {
    @Override
    double weight(double distance) {
      double a = -0.5;
      double x = Math.abs(distance);
      if (x < 1) {
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
      }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }
  },
  /** A windowed sinc over six neighbours. */
  LANCZOS(3.0) {
    @Override
    double weight(double distance) {
      return -3 <= distance && distance < 3 ? sinc(distance) * sinc(distance / 3) : 0;
    }
  };

  private final double support;

  Resampling(double support) {
    this.support = support;
  }

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
  }

  /** How far from a pixel others count, in pixels of the coarser of both images. */
  double support() {
    return support;
  }

  /** The weight of a pixel at a distance, before all are brought to a sum of 1. */
  abstract double weight(double distance);
}
