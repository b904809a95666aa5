package dev.vignette.captioner.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.vignette.captioner.ImageEncoder;
import dev.vignette.captions.run.StopSignal;
import dev.vignette.images.RgbImage;
import dev.vignette.torch.AttentionTap;
import dev.vignette.torch.Precision;
import dev.vignette.torch.TimmVit;
import dev.vignette.torch.Torch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Fills a store with the features of images that it does not hold yet. */
final class FeatureExtractor {
  private static final int BATCH = 32;

  private final TimmVit description;
  private final Precision precision;
  private final FeatureStore store;

  FeatureExtractor(TimmVit description, Precision precision, FeatureStore store) {
    this.description = description;
    this.precision = precision;
    this.store = store;
  }

  /** Hears how far the work is. */
  @FunctionalInterface
  interface Progress {
    void at(int done, int of);
  }

  /**
   * Encodes what is missing; the encoder is loaded only when something is.
   *
   * @param stop ends it after the images in hand, which are kept
   */
  void fill(List<Sample> samples, Progress progress, StopSignal stop) throws IOException {
    Map<String, Sample> missing = new TreeMap<>();
    for (Sample sample : samples) {
      if (!store.contains(sample.hash())) {
        missing.put(sample.hash(), sample);
      }
    }
    if (missing.isEmpty()) {
      return;
    }
    List<Sample> work = new ArrayList<>(missing.values());
    try (ImageEncoder encoder = new ImageEncoder(description, precision);
        NDManager manager = Torch.newManager()) {
      for (int start = 0; start < work.size() && !stop.requested(); start += BATCH) {
        List<Sample> batch = work.subList(start, Math.min(work.size(), start + BATCH));
        List<float[]> pixels =
            batch.parallelStream().map(s -> encoder.pixels(RgbImage.read(s.file()))).toList();
        // Features of a GPU leave a copy in the host's memory, which belongs to their manager.
        try (NDManager reading = manager.newSubManager()) {
          NDArray features = encoder.encode(reading, pixels, AttentionTap.NONE);
          store.append(batch.stream().map(Sample::hash).toList(), features.toFloatArray());
        }
        progress.at(start + batch.size(), work.size());
      }
    }
  }
}
