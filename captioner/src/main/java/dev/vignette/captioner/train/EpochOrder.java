package dev.vignette.captioner.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** The order of samples and the random seeds, as functions of the run's seed and the position. */
record EpochOrder(long seed) {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** The indices 0..count-1 as an epoch visits them. */
  List<Integer> of(int count, int epoch) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(mixed(epoch)));
    return order;
  }

  /** Seed of a batch's dropout. */
  long dropoutSeed(int epoch, int batch) {
    return mixed(((long) epoch << 32) + batch + 1) >>> 1;
  }

  /** Steele, Lea and Flood's SplitMix64 finalizer. */
  private long mixed(long position) {
    long z = seed + (position + 1) * GOLDEN;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
