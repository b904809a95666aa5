package dev.vignette.captioner.train;

import dev.vignette.captions.Predictions;
import dev.vignette.eval.clip.ClipScorer;
import dev.vignette.eval.clip.EmbeddingCache;
import dev.vignette.eval.clip.ImageEmbeddings;
import dev.vignette.eval.metric.Bleu;
import dev.vignette.eval.metric.CaptionCorpus;
import dev.vignette.eval.metric.Cider;
import dev.vignette.eval.metric.DocumentFrequencies;
import dev.vignette.eval.metric.MetricResult;
import dev.vignette.eval.metric.RougeL;
import dev.vignette.eval.tokenize.CaptionTokenizer;
import dev.vignette.eval.tokenize.Tokenization;
import dev.vignette.torch.clip.ClipModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run is validated by: {@code cider}, {@code bleu-1} to {@code bleu-4} and {@code rouge-l},
 * and {@code clipscore} when a CLIP is configured. The images are embedded once and remembered
 * beside the encoder's features.
 */
public final class ValidationScorer implements CaptionScorer, AutoCloseable {
  private final CaptionTokenizer tokenizer = CaptionTokenizer.own();
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
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    CaptionCorpus corpus = corpus(predictions, truth);
    put(scores, Cider.score(corpus, DocumentFrequencies.of(corpus)));
    Bleu.score(corpus).forEach(result -> put(scores, result));
    put(scores, RougeL.score(corpus));
    if (clip != null) {
      scores.put("clipscore", clipScore(clip, predictions, truth));
    }
    return scores;
  }

  @Override
  public List<String> metrics() {
    List<String> names =
        new ArrayList<>(List.of("cider", "bleu-1", "bleu-2", "bleu-3", "bleu-4", "rouge-l"));
    if (clip != null) {
      names.add("clipscore");
    }
    return names;
  }

  private static void put(SequencedMap<String, Double> scores, MetricResult result) {
    scores.put(result.name().toLowerCase(Locale.ROOT), result.corpus());
  }

  private CaptionCorpus corpus(Predictions predictions, Truth truth) {
    List<String> candidates = new ArrayList<>();
    List<String> references = new ArrayList<>();
    truth
        .references()
        .forEach((stem, texts) -> {
          candidates.add(predictions.caption(stem).orElse(""));
          references.addAll(texts);
        });
    List<String> lines = tokenized(references);
    List<List<String>> byImage = new ArrayList<>();
    int from = 0;
    for (List<String> texts : truth.references().values()) {
      byImage.add(lines.subList(from, from + texts.size()));
      from += texts.size();
    }
    return CaptionCorpus.of(tokenized(candidates), byImage);
  }

  private List<String> tokenized(List<String> captions) {
    return tokenizer.tokenize(captions, Tokenization.STRICT).lines();
  }

  private double clipScore(ClipModel model, Predictions predictions, Truth truth) {
    try {
      EmbeddingCache cache =
          EmbeddingCache.open(cacheFolder, ImageEmbeddings.cacheKey(model), model.embeddingWidth());
      ImageEmbeddings images = new ImageEmbeddings(model, Optional.of(cache));
      return new ClipScorer(model, images, "")
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
