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

  static TrainState ofTexts(Map<String, String> texts) {
    return new TrainState(
        Integer.parseInt(texts.get("epoch")),
        Integer.parseInt(texts.get("batch")),
        Long.parseLong(texts.get("step")),
        Double.parseDouble(texts.get("loss_sum")),
        Double.parseDouble(texts.getOrDefault(SECONDS, "0")),
        Double.parseDouble(texts.get("best")),
        Integer.parseInt(texts.get("best_epoch")),
        Integer.parseInt(texts.get("stale")),
        Boolean.parseBoolean(texts.get("finished")));
  }
}
