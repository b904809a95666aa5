package dev.vignette.spark.submit;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Rows of which each is read when it is asked for, the first one too. */
abstract class LookAhead implements Iterator<Row> {
  private @Nullable Row next;
  private boolean ended;

  /** Reads a row; null at the end, after which it is not called again. */
  abstract @Nullable Row read();

  @Override
  public final boolean hasNext() {
    if (next == null && !ended) {
      next = read();
      ended = next == null;
    }
    return next != null;
  }

  @Override
  public final Row next() {
    Row row = hasNext() ? next : null;
    if (row == null) {
      throw new NoSuchElementException();
    }
    next = null;
    return row;
  }
}
