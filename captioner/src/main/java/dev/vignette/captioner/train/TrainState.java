package dev.vignette.captioner.train;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a run stands.
 *
 * @param epoch current epoch, from 0
 * @param batch next batch of the epoch; its number of batches when the epoch awaits validation
 * @param step optimizer steps made
 * @param lossSum sum over the epoch's batches of their mean losses
 * @param seconds that the epoch's steps took so far, before and after a resume
 * @param best best value of the chosen metric so far; NaN for none
 * @param bestEpoch epoch of it; -1 for none
 * @param stale epochs since then
 * @param finished whether nothing is left to do
 */
record TrainState(
    int epoch,
    int batch,
    long step,
    double lossSum,
    double seconds,
    double best,
    int bestEpoch,
    int stale,
    boolean finished) {
  private static final String SECONDS = "seconds";

  static TrainState start() {
    return new TrainState(0, 0, 0, 0, 0, Double.NaN, -1, 0, false);
  }

  TrainState afterBatch(double loss, boolean stepped) {
    return new TrainState(
        epoch,
        batch + 1,
        stepped ? step + 1 : step,
        lossSum + loss,
        seconds,
        best,
        bestEpoch,
        stale,
        false);
  }

  TrainState withSeconds(double epochSeconds) {
    return new TrainState(
        epoch, batch, step, lossSum, epochSeconds, best, bestEpoch, stale, finished);
  }

  /** How many epochs are done or begun. */
  int epochsBegun() {
    return batch == 0 ? epoch : epoch + 1;
  }

  /** Whether all epochs are done, or patience is over: as other settings than before may say. */
  TrainState within(int epochs, int patience) {
    boolean done = batch == 0 && (epoch >= epochs || (patience > 0 && stale >= patience));
    return new TrainState(epoch, batch, step, lossSum, seconds, best, bestEpoch, stale, done);
  }

  /** The state after an epoch was validated. */
  TrainState afterEpoch(double metric, boolean better, int epochs, int patience) {
    return new TrainState(
            epoch + 1,
            0,
            step,
            0,
            0,
            better ? metric : best,
            better ? epoch : bestEpoch,
            better ? 0 : stale + 1,
            false)
        .within(epochs, patience);
  }

  /** As texts that bring back the same state, doubles by their bits. */
  Map<String, String> toTexts() {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("epoch", Integer.toString(epoch));
    texts.put("batch", Integer.toString(batch));
    texts.put("step", Long.toString(step));
    texts.put("loss_sum", Double.toHexString(lossSum));
    texts.put(SECONDS, Double.toHexString(seconds));
    texts.put("best", Double.toHexString(best));
    texts.put("best_epoch", Integer.toString(bestEpoch));
    texts.put("stale", Integer.toString(stale));
    texts.put("finished", Boolean.toString(finished));
    return texts;
  }

  /** Whether texts are those of a state, of this version or the one before. */
  static boolean isIn(Map<String, String> texts) {
    Map<String, String> needed = start().toTexts();
    needed.remove(SECONDS);
    return texts.keySet().containsAll(needed.keySet());
  }

  /**
   * The state of texts.
   *
   * @param batches of an epoch
   * @throws IllegalArgumentException naming a text that cannot be, and what it must be
   */
  static TrainState ofTexts(Map<String, String> texts, int batches) {
    int epoch = whole(texts, "epoch", 0, Integer.MAX_VALUE - 1);
    return new TrainState(
        epoch,
        whole(texts, "batch", 0, batches),
        steps(texts),
        finite(texts, "loss_sum"),
        finite(texts, SECONDS),
        real(texts, "best"),
        whole(texts, "best_epoch", -1, Math.max(-1, epoch - 1)),
        whole(texts, "stale", 0, epoch),
        flag(texts, "finished"));
  }

  private static int whole(Map<String, String> texts, String name, int least, int most) {
    try {
      int value = Integer.parseInt(texts.getOrDefault(name, ""));
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException _) {
      // The complaint is the same.
    }
    throw impossible(texts, name, "a whole number from %d to %d".formatted(least, most));
  }

  private static long steps(Map<String, String> texts) {
    try {
      long value = Long.parseLong(texts.getOrDefault("step", ""));
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException _) {
      // The complaint is the same.
    }
    throw impossible(texts, "step", "a whole number of 0 or more");
  }

  private static double real(Map<String, String> texts, String name) {
    try {
      return Double.parseDouble(texts.getOrDefault(name, "0"));
    } catch (NumberFormatException _) {
      throw impossible(texts, name, "a number");
    }
  }

  private static double finite(Map<String, String> texts, String name) {
    double value = real(texts, name);
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw impossible(texts, name, "a finite number of 0 or more");
    }
    return value;
  }

  private static boolean flag(Map<String, String> texts, String name) {
    return switch (texts.getOrDefault(name, "")) {
      case "true" -> true;
      case "false" -> false;
      default -> throw impossible(texts, name, "true or false");
    };
  }

  private static IllegalArgumentException impossible(
      Map<String, String> texts, String name, String allowed) {
    return new IllegalArgumentException(
        "%s is \"%s\" and must be %s".formatted(name, texts.get(name), allowed));
  }
}
