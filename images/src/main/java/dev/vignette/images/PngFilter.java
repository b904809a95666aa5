package dev.vignette.images;

/**
 * Undoes PNG's row filters (W3C PNG, 9): each byte was stored as its difference from a prediction.
 */
final class PngFilter {
  private static final byte[] UNKNOWN_FILTER = {};

  private final int distance;
  private final byte[] filtered;
  private byte[] row;
  private byte[] above;

  /** For rows of {@code rowBytes} whose pixels are {@code distance} bytes apart. */
  PngFilter(int rowBytes, int distance) {
    this.distance = distance;
    this.filtered = new byte[1 + rowBytes];
    this.row = new byte[rowBytes];
    this.above = new byte[rowBytes];
  }

  /** Where the next row goes: the filter's type, then the bytes. */
  byte[] buffer() {
    return filtered;
  }

  int type() {
    return filtered[0] & 0xFF;
  }

  /** The row in {@link #buffer}, good until the next call; empty if there is no such filter. */
  byte[] reconstruct() {
    byte[] swap = above;
    above = row;
    row = swap;
    System.arraycopy(filtered, 1, row, 0, row.length);
    switch (type()) {
      case 0 -> {}
      case 1 -> addLeft();
      case 2 -> addAbove();
      case 3 -> addAverage();
      case 4 -> addPaeth();
      default -> {
        return UNKNOWN_FILTER;
      }
    }
    return row;
  }

  private void addLeft() {
    for (int i = distance; i < row.length; i++) {
      row[i] += row[i - distance];
    }
  }

  private void addAbove() {
    for (int i = 0; i < row.length; i++) {
      row[i] += above[i];
    }
  }

  private void addAverage() {
    int first = Math.min(distance, row.length);
    for (int i = 0; i < first; i++) {
      row[i] += (byte) ((above[i] & 0xFF) >> 1);
    }
    for (int i = first; i < row.length; i++) {
      row[i] += (byte) ((row[i - distance] & 0xFF) + (above[i] & 0xFF) >> 1);
    }
  }

  private void addPaeth() {
    int first = Math.min(distance, row.length);
    for (int i = 0; i < first; i++) {
      row[i] += above[i];
    }
    for (int i = first; i < row.length; i++) {
      int a = row[i - distance] & 0xFF;
      int b = above[i] & 0xFF;
      int c = above[i - distance] & 0xFF;
      int toA = Math.abs(b - c);
      int toB = Math.abs(a - c);
      int toC = Math.abs(a + b - 2 * c);
      row[i] += (byte) (toA <= toB && toA <= toC ? a : toB <= toC ? b : c);
    }
  }
}
