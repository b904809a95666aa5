package dev.vignette.images;

import java.util.ArrayList;
import java.util.List;

/**
 * A scan of a JPEG file (ITU-T T.81, B.2.3): walks through its units and their blocks, over restart
 * markers.
 */
final class JpegScan {
  private final JpegFrame frame;
  private final JpegBits bits;
  private final int restartInterval;
  private final List<JpegBlocks> blocks = new ArrayList<>();
  private int unitsToRestart;
  private int nextRestart;
  private boolean unitMissing;
  private int lastUnits;

  /**
   * A scan whose header is from {@code from} to before {@code to} and whose data is from there to
   * before {@code end}.
   *
   * @param first whether it is the file's first
   */
  JpegScan(
      ImageFile file,
      JpegFrame frame,
      JpegTables tables,
      int from,
      int to,
      int end,
      boolean first) {
    this.frame = frame;
    this.bits = new JpegBits(file.bytes(), to, end);
    this.restartInterval = tables.restartInterval();
    this.unitsToRestart = restartInterval;
    int count = to - from < 1 ? 0 : file.unsigned8(from);
    if (count < 1 || count > frame.components().size() || to - from != 4 + 2 * count) {
      throw file.damaged("a scan header has %d bytes".formatted(to - from));
    }
    int last = from + 1 + 2 * count;
    JpegSpectrum spectrum =
        JpegSpectrum.of(
            file,
            frame.progressive(),
            file.unsigned8(last),
            file.unsigned8(last + 1),
            file.unsigned8(last + 2));
    List<JpegComponent> left = new ArrayList<>(frame.components());
    for (int at = from + 1; at < last; at += 2) {
      JpegComponent component = takeComponent(file, file.unsigned8(at), left);
      component.keepSteps(tables.quantization(component.tableNumber()));
      component.countVisit(spectrum, first, file);
      blocks.add(JpegBlocks.of(frame, component, tables, file.unsigned8(at + 1), spectrum));
    }
    if (count > 1 && spectrum.first() > 0) {
      throw file.damaged(
          "a progressive scan of several components has more than their first coefficients");
    }
  }

  /**
   * Takes the first component of the number {@code id} out of {@code left}. In some files all have
   * the same number, and the order tells them apart.
   */
  private static JpegComponent takeComponent(ImageFile file, int id, List<JpegComponent> left) {
    for (JpegComponent component : left) {
      if (component.id() == id) {
        left.remove(component);
        return component;
      }
    }
    throw file.damaged(
        "a scan is of the component %d, which the frame does not have or the scan has already"
            .formatted(id));
  }

  /** Decodes the scan; returns the last row of units that its data reach. */
  int decode() {
    if (blocks.size() == 1) {
      decodeSingle(blocks.getFirst());
    } else {
      decodeUnits();
    }
    return lastUnits;
  }

  private void decodeUnits() {
    for (int row = 0; row < frame.unitRows(); row++) {
      for (int column = 0; column < frame.unitColumns(); column++) {
        startUnit(row);
        if (unitMissing && restartInterval == 0) {
          return;
        }
        for (int i = 0; i < blocks.size() && !unitMissing; i++) {
          decodeUnit(blocks.get(i), column, row);
        }
      }
    }
  }

  private void decodeUnit(JpegBlocks component, int unitColumn, int unitRow) {
    int across = component.component().horizontal();
    int down = component.component().vertical();
    for (int y = 0; y < down; y++) {
      for (int x = 0; x < across; x++) {
        component.decode(bits, unitColumn * across + x, unitRow * down + y);
      }
    }
  }

  /** A scan of one component has one block a unit, and none beyond the picture. */
  private void decodeSingle(JpegBlocks component) {
    int columns = JpegFrame.ceiling(component.component().width(), 8);
    int rows = JpegFrame.ceiling(component.component().height(), 8);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        startUnit(row / component.component().vertical());
        if (!unitMissing) {
          component.decode(bits, column, row);
        } else if (restartInterval == 0) {
          return;
        }
      }
    }
  }

  /**
   * Passes over a restart marker that is due. A unit that the data do not reach stays as it is, as
   * in libjpeg.
   */
  private void startUnit(int unitRow) {
    if (restartInterval > 0) {
      if (unitsToRestart == 0) {
        restart();
      }
      unitsToRestart--;
    }
    unitMissing = bits.exhausted();
    lastUnits = unitMissing ? lastUnits : unitRow;
  }

  private void restart() {
    bits.restart(nextRestart);
    nextRestart = nextRestart + 1 & 7;
    unitsToRestart = restartInterval;
    for (JpegBlocks component : blocks) {
      component.restart();
    }
  }

  /**
   * Which coefficients, and which of their bits, a scan is of (ITU-T T.81, G.1.1). In a sequential
   * file, all.
   *
   * @param first the first coefficient in the file's order, 0 to 63
   * @param last the last, {@code first} to 63
   * @param refined whether bits are added to coefficients of an earlier scan
   * @param shift how many bits are still missing after this scan
   */
  record JpegSpectrum(int first, int last, boolean refined, int shift) {
    private static final int LARGEST_SHIFT = 13;

    static JpegSpectrum of(ImageFile file, boolean progressive, int first, int last, int bits) {
      if (!progressive) {
        return new JpegSpectrum(0, 63, false, 0);
      }
      int shift = bits & 15;
      int before = bits >> 4;
      boolean sensible = first == 0 ? last == 0 : last >= first && last <= 63;
      if (!sensible || shift > LARGEST_SHIFT || (before != 0 && shift != before - 1)) {
        throw file.damaged(
            "a scan is of coefficients %d to %d, shifted by %d after %d"
                .formatted(first, last, shift, before));
      }
      return new JpegSpectrum(first, last, before != 0, shift);
    }
  }
}
