package dev.vignette.llava;

import java.util.BitSet;
import java.util.Optional;

/**
 * Sequence ids and cells of a context that prompts take and give back. The lowest ids go first, so
 * that those in use stay close together.
 */
final class SequencePool {

  private final BitSet free = new BitSet();
  private long cells;

  /**
   * @param first the first id there is
   * @param count of ids
   * @param cells that all together may fill
   */
  SequencePool(int first, int count, long cells) {
    free.set(first, first + count);
    this.cells = cells;
  }

  /** Takes ids and cells; empty, with nothing taken, if there are not so many. */
  Optional<int[]> take(int ids, int wantedCells) {
    if (free.cardinality() < ids || cells < wantedCells) {
      return Optional.empty();
    }
    int[] taken = free.stream().limit(ids).toArray();
    for (int id : taken) {
      free.clear(id);
    }
    cells -= wantedCells;
    return Optional.of(taken);
  }

  void giveBack(int[] ids, int returnedCells) {
    for (int id : ids) {
      free.set(id);
    }
    cells += returnedCells;
  }

  boolean isFree(int id) {
    return free.get(id);
  }
}
