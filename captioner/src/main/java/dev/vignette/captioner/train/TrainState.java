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
    double best,
    int bestEpoch,
    int stale,
    boolean finished) {
  static TrainState start() {
    return new TrainState(0, 0, 0, 0, Double.NaN, -1, 0, false);
  }

  TrainState afterBatch(double loss, boolean stepped) {
    return new TrainState(
        epoch, batch + 1, stepped ? step + 1 : step, lossSum + loss, best, bestEpoch, stale, false);
  }

  /** The state after an epoch was validated. */
  TrainState afterEpoch(double metric, boolean better, boolean last, int patience) {
    int nowStale = better ? 0 : stale + 1;
    boolean stops = last || (patience > 0 && nowStale >= patience);
    return new TrainState(
        epoch + 1, 0, step, 0, better ? metric : best, better ? epoch : bestEpoch, nowStale, stops);
  }

  /** As texts that bring back the same state, doubles by their bits. */
  Map<String, String> toTexts() {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("epoch", Integer.toString(epoch));
    texts.put("batch", Integer.toString(batch));
    texts.put("step", Long.toString(step));
    texts.put("loss_sum", Double.toHexString(lossSum));
    texts.put("best", Double.toHexString(best));
    texts.put("best_epoch", Integer.toString(bestEpoch));
    texts.put("stale", Integer.toString(stale));
    texts.put("finished", Boolean.toString(finished));
    return texts;
  }

  static TrainState ofTexts(Map<String, String> texts) {
    return new TrainState(
        Integer.parseInt(texts.get("epoch")),
        Integer.parseInt(texts.get("batch")),
        Long.parseLong(texts.get("step")),
        Double.parseDouble(texts.get("loss_sum")),
        Double.parseDouble(texts.get("best")),
        Integer.parseInt(texts.get("best_epoch")),
        Integer.parseInt(texts.get("stale")),
        Boolean.parseBoolean(texts.get("finished")));
  }
}
