package dev.vignette.images;

/**
 * Rows of a component at the width of the picture. Components of half the columns or rows are
 * interpolated with weights 3 and 1 ("fancy upsampling"), others repeated: libjpeg-turbo 3.1,
 * jdsample.c.
 */
final class JpegRows {
  /** Narrower components are repeated, not interpolated. */
  private static final int NARROW = 2;

  private final JpegComponent component;
  private final int across;
  private final int down;
  private final int[] columns;
  private final byte[] row;

  JpegRows(JpegComponent component, JpegFrame frame) {
    this.component = component;
    this.across = frame.horizontal() / component.horizontal();
    this.down = frame.vertical() / component.vertical();
    this.columns = new int[component.width()];
    this.row = new byte[Math.max(frame.width(), across * component.width())];
  }

  /**
   * The samples of row {@code y}, as many as the picture is wide or some more; good until the next
   * call.
   */
  byte[] row(int y) {
    boolean smoothAcross = across == 2 && component.width() > NARROW;
    int near = component.row(y / down);
    if (down == 2 && (across == 1 || smoothAcross)) {
      int neighbour = Math.clamp(y / 2 + ((y & 1) == 0 ? -1 : 1), 0, component.height() - 1);
      addRows(near, component.row(neighbour));
      if (across == 1) {
        narrow((y & 1) == 0 ? 1 : 2);
      } else {
        widenTwoRows();
      }
    } else if (down == 1 && smoothAcross) {
      widenOneRow(near);
    } else {
      repeat(near);
    }
    return row;
  }

  /** Three times the near row plus the far one. */
  private void addRows(int near, int far) {
    byte[] samples = component.samples();
    for (int x = 0; x < columns.length; x++) {
      columns[x] = 3 * (samples[near + x] & 0xFF) + (samples[far + x] & 0xFF);
    }
  }

  private void narrow(int rounding) {
    for (int x = 0; x < columns.length; x++) {
      row[x] = (byte) (columns[x] + rounding >> 2);
    }
  }

  private void widenTwoRows() {
    int last = columns.length - 1;
    row[0] = (byte) (4 * columns[0] + 8 >> 4);
    for (int x = 0; x < last; x++) {
      row[2 * x + 1] = (byte) (3 * columns[x] + columns[x + 1] + 7 >> 4);
      row[2 * x + 2] = (byte) (3 * columns[x + 1] + columns[x] + 8 >> 4);
    }
    row[2 * last + 1] = (byte) (4 * columns[last] + 7 >> 4);
  }

  private void widenOneRow(int from) {
    byte[] samples = component.samples();
    int last = columns.length - 1;
    row[0] = samples[from];
    for (int x = 0; x < last; x++) {
      int left = samples[from + x] & 0xFF;
      int right = samples[from + x + 1] & 0xFF;
      row[2 * x + 1] = (byte) (3 * left + right + 2 >> 2);
      row[2 * x + 2] = (byte) (3 * right + left + 1 >> 2);
    }
    row[2 * last + 1] = samples[from + last];
  }

  private void repeat(int from) {
    byte[] samples = component.samples();
    if (across == 1) {
      System.arraycopy(samples, from, row, 0, columns.length);
      return;
    }
    for (int x = 0; x < columns.length * across; x++) {
      row[x] = samples[from + x / across];
    }
  }
}
