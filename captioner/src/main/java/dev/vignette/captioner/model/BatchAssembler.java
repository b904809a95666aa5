package dev.vignette.captioner.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Lays captions out in rows. Packed, all captions of an image share one row behind one visual
 * prefix: none sees another, and positions restart at each. Otherwise each caption has its own row.
 */
public final class BatchAssembler {
  private final int visualRows;
  private final boolean packed;

  /**
   * @param visualRows tokens of an image, P
   * @param packed whether captions of an image share a row
   */
  public BatchAssembler(int visualRows, boolean packed) {
    this.visualRows = visualRows;
    this.packed = packed;
  }

  /** A row of text: the captions in it, each with begin and end token. */
  private record Row(int owner, List<long[]> captions) {
    int length() {
      return captions.stream().mapToInt(c -> c.length - 1).sum();
    }
  }

  /**
   * Assembles a batch.
   *
   * @param owner of the arrays
   * @param features encoded images (B, P, W)
   * @param captions of each image, tokens from begin to end token
   */
  public TrainingBatch assemble(NDManager owner, NDArray features, List<List<long[]>> captions) {
    List<Row> rows = rows(captions);
    int length = rows.stream().mapToInt(Row::length).max().orElseThrow();
    Shape shape = new Shape(rows.size(), length);
    long[] ids = new long[rows.size() * length];
    long[] positions = new long[ids.length];
    List<Long> scored = new ArrayList<>();
    List<Long> targets = new ArrayList<>();
    for (int r = 0; r < rows.size(); r++) {
      int at = r * length;
      for (long[] caption : rows.get(r).captions()) {
        for (int i = 0; i + 1 < caption.length; i++, at++) {
          ids[at] = caption[i];
          positions[at] = i;
          scored.add((long) at);
          targets.add(caption[i + 1]);
        }
      }
    }
    return new TrainingBatch(
        features,
        owner.create(rows.stream().mapToLong(Row::owner).toArray()),
        owner.create(ids, shape),
        owner.create(positions, shape),
        owner.create(segments(rows, length), new Shape(rows.size(), (long) visualRows + length)),
        owner.create(scored.stream().mapToLong(Long::longValue).toArray()),
        owner.create(targets.stream().mapToLong(Long::longValue).toArray()));
  }

  private List<Row> rows(List<List<long[]>> captions) {
    List<Row> rows = new ArrayList<>();
    for (int image = 0; image < captions.size(); image++) {
      if (packed) {
        rows.add(new Row(image, captions.get(image)));
      } else {
        for (long[] caption : captions.get(image)) {
          rows.add(new Row(image, List.of(caption)));
        }
      }
    }
    return rows;
  }

  /** What each position belongs to, (R, S): see {@link TrainingBatch#segments}. */
  private long[] segments(List<Row> rows, int length) {
    int total = visualRows + length;
    long[] segments = new long[rows.size() * total];
    for (int r = 0; r < rows.size(); r++) {
      int at = r * total + visualRows;
      long segment = 1;
      for (long[] caption : rows.get(r).captions()) {
        Arrays.fill(segments, at, at + caption.length - 1, segment++);
        at += caption.length - 1;
      }
      while (at < (r + 1) * total) {
        segments[at++] = segment++;
      }
    }
    return segments;
  }
}
