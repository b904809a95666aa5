package dev.vignette.llava;

import java.util.Optional;

/**
 * How many images are decoded at once.
 *
 * @param workers contexts on each device that decode beside each other, 1 or more
 * @param size images that each of them has in hand, 1 or more
 */
public record BatchPlan(int workers, int size) {

  public BatchPlan {
    if (workers < 1 || size < 1) {
      throw new IllegalArgumentException(
          "a plan has 1 worker and 1 image or more, not %d and %d".formatted(workers, size));
    }
  }

  /** Reads what {@link #toString} writes. */
  public static BatchPlan parse(String text) {
    String[] parts = text.split("x", 2);
    return new BatchPlan(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
  }

  /** About half of it: smaller batches first, then fewer workers; empty if it is the least. */
  public Optional<BatchPlan> halved() {
    if (size == 1 && workers == 1) {
      return Optional.empty();
    }
    return Optional.of(size > 1 ? new BatchPlan(workers, size / 2) : new BatchPlan(1, 1));
  }

  /** Such as {@code 3x48}. */
  @Override
  public String toString() {
    return workers + "x" + size;
  }
}
