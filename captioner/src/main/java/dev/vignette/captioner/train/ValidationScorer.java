package dev.vignette.captioner.train;

import dev.vignette.captions.Predictions;
import dev.vignette.eval.clip.ClipPrefix;
import dev.vignette.eval.clip.ClipScorer;
import dev.vignette.eval.clip.EmbeddingCache;
import dev.vignette.eval.clip.ImageEmbeddings;
import dev.vignette.torch.clip.ClipModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run is validated by: {@code cider}, and {@code clipscore} when a CLIP is configured. The
 * images are embedded once and remembered beside the encoder's features.
 */
public final class ValidationScorer implements CaptionScorer, AutoCloseable {
  private final PlainCider cider = new PlainCider();
  private final @Nullable ClipModel clip;
  private final Path cacheFolder;

  private ValidationScorer(@Nullable ClipModel clip, Path cacheFolder) {
    this.clip = clip;
    this.cacheFolder = cacheFolder;
  }

  /** Opens what a configuration asks for. */
  public static ValidationScorer open(TrainConfig config) throws IOException {
    Optional<Path> folder = config.validation().clip();
    return new ValidationScorer(
        folder.isPresent() ? ClipModel.load(folder.get()) : null, config.encoder().cache());
  }

  @Override
  public SequencedMap<String, Double> score(Predictions predictions, Truth truth) {
    SequencedMap<String, Double> scores = cider.score(predictions, truth);
    if (clip != null) {
      scores.put("clipscore", clipScore(clip, predictions, truth));
    }
    return scores;
  }

  private double clipScore(ClipModel model, Predictions predictions, Truth truth) {
    try {
      EmbeddingCache cache =
          EmbeddingCache.open(cacheFolder, ImageEmbeddings.cacheKey(model), model.embeddingWidth());
      ImageEmbeddings images = new ImageEmbeddings(model, Optional.of(cache));
      return new ClipScorer(model, images, ClipPrefix.NONE)
          .score(truth.images(), predictions.captions(), Map.of())
          .clipScore();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (clip != null) {
      clip.close();
    }
  }
}
