package dev.vignette.hub;

import java.util.Locale;

/** Sizes as people read them: powers of ten, three figures. */
public final class ByteCount {
  private static final String[] UNITS = {"bytes", "kB", "MB", "GB", "TB", "PB"};
  private static final int STEP = 1000;

  private ByteCount() {}

  /** Such as {@code 4.08 GB}, {@code 12.3 kB} or {@code 734 bytes}. */
  public static String text(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= STEP - 0.5 && unit < UNITS.length - 1) {
      value /= STEP;
      unit++;
    }
    String form = unit == 0 || value >= 99.95 ? "%.0f %s" : value >= 9.995 ? "%.1f %s" : "%.2f %s";
    return String.format(Locale.ROOT, form, value, UNITS[unit]);
  }
}
