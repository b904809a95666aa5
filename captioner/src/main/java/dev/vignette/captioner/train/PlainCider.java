package dev.vignette.captioner.train;

import dev.vignette.captions.Predictions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/**
 * CIDEr-D (Vedantam et al., 2015; pycocoevalcap's {@code cider_scorer.py}) over words split at
 * whatever is no letter, digit or apostrophe: enough to choose an epoch by. Figures to publish are
 * those of {@code vignette eval}, whose tokenizer is the reference's.
 */
public final class PlainCider implements CaptionScorer {
  private static final int MAX_ORDER = 4;
  private static final double SIGMA = 6;

  /** N-gram counts of a text by order, and its number of words. */
  private record Counts(List<Map<List<String>, Integer>> byOrder, int words) {
    static Counts of(String text) {
      List<String> words = new ArrayList<>();
      for (String word : text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}']+", -1)) {
        if (!word.isEmpty()) {
          words.add(word);
        }
      }
      List<Map<List<String>, Integer>> byOrder = new ArrayList<>();
      for (int n = 1; n <= MAX_ORDER; n++) {
        Map<List<String>, Integer> counts = new LinkedHashMap<>();
        for (int i = 0; i + n <= words.size(); i++) {
          counts.merge(List.copyOf(words.subList(i, i + n)), 1, Integer::sum);
        }
        byOrder.add(counts);
      }
      return new Counts(byOrder, words.size());
    }
  }

  @Override
  public SequencedMap<String, Double> score(Predictions predictions, Truth truth) {
    Map<String, List<Counts>> references = new LinkedHashMap<>();
    Map<List<String>, Integer> frequency = new HashMap<>();
    truth
        .references()
        .forEach((stem, texts) -> {
          List<Counts> counts = texts.stream().map(Counts::of).toList();
          references.put(stem, counts);
          HashSet<List<String>> seen = new HashSet<>();
          counts.forEach(c -> c.byOrder().forEach(order -> seen.addAll(order.keySet())));
          seen.forEach(gram -> frequency.merge(gram, 1, Integer::sum));
        });
    double logImages = Math.log(references.size());
    double sum = 0;
    for (var image : references.entrySet()) {
      Counts caption = Counts.of(predictions.caption(image.getKey()).orElse(""));
      sum += similarity(caption, image.getValue(), frequency, logImages);
    }
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    scores.put("cider", sum / references.size());
    return scores;
  }

  private static double similarity(
      Counts caption,
      List<Counts> references,
      Map<List<String>, Integer> frequency,
      double logImages) {
    double sum = 0;
    for (int n = 0; n < MAX_ORDER; n++) {
      Map<List<String>, Double> mine = weights(caption.byOrder().get(n), frequency, logImages);
      for (Counts reference : references) {
        Map<List<String>, Double> theirs =
            weights(reference.byOrder().get(n), frequency, logImages);
        double product = 0;
        for (var gram : mine.entrySet()) {
          double weight = theirs.getOrDefault(gram.getKey(), 0.0);
          product += Math.min(gram.getValue(), weight) * weight;
        }
        double norms = norm(mine) * norm(theirs);
        double difference = caption.words() - reference.words();
        double penalty = Math.exp(-difference * difference / (2 * SIGMA * SIGMA));
        sum += norms == 0 ? 0 : product / norms * penalty;
      }
    }
    return 10 * sum / MAX_ORDER / references.size();
  }

  private static Map<List<String>, Double> weights(
      Map<List<String>, Integer> counts, Map<List<String>, Integer> frequency, double logImages) {
    Map<List<String>, Double> weights = new HashMap<>();
    counts.forEach((gram, count) ->
        weights.put(
            gram, count * (logImages - Math.log(Math.max(1, frequency.getOrDefault(gram, 0))))));
    return weights;
  }

  private static double norm(Map<List<String>, Double> weights) {
    return Math.sqrt(weights.values().stream().mapToDouble(w -> w * w).sum());
  }
}
