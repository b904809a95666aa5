package dev.vignette.captioner.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.vignette.captioner.model.CaptionDecoder;
import dev.vignette.captioner.model.DecoderBatch;
import dev.vignette.captioner.model.Gpt2Tokenizer;
import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.StopSignal;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** Captions the validation images greedily. */
final class Validator {
  private static final int BATCH = 50;

  private final CaptionDecoder decoder;
  private final Gpt2Tokenizer tokenizer;
  private final RunBatches batches;
  private final int maxNewTokens;

  Validator(CaptionDecoder decoder, Gpt2Tokenizer tokenizer, RunBatches batches, int maxNewTokens) {
    this.decoder = decoder;
    this.tokenizer = tokenizer;
    this.batches = batches;
    this.maxNewTokens = maxNewTokens;
  }

  /**
   * One caption a validation image, by stem; empty if it was stopped before all were made.
   *
   * @param progress hears how many are
   */
  Optional<Predictions> caption(
      NDManager manager, FeatureExtractor.Progress progress, StopSignal stop) throws IOException {
    SequencedMap<String, String> captions = new LinkedHashMap<>();
    List<Sample> samples = batches.samples();
    for (int start = 0; start < samples.size(); start += BATCH) {
      if (stop.requested()) {
        return Optional.empty();
      }
      List<Sample> batch = samples.subList(start, Math.min(samples.size(), start + BATCH));
      try (NDArray features = batches.encoded(manager, batch)) {
        List<Hypothesis> hypotheses = DecoderBatch.greedy(manager, decoder, features, maxNewTokens);
        for (int i = 0; i < batch.size(); i++) {
          captions.put(batch.get(i).stem(), tokenizer.decode(hypotheses.get(i).tokens()));
        }
      }
      progress.at(start + batch.size(), samples.size());
    }
    return Optional.of(Predictions.ofFiles(captions));
  }

  /** How many different captions there are, as a share of the images: 1 when all differ. */
  static double distinct(Predictions predictions) {
    return (double) new HashSet<>(predictions.captions().values()).size()
        / predictions.captions().size();
  }
}
