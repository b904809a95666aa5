package dev.vignette.eval.builtin;

import dev.vignette.eval.CaptionMetric;
import dev.vignette.eval.MetricInput;
import dev.vignette.eval.MetricScores;
import dev.vignette.eval.metric.Cider;
import dev.vignette.eval.metric.MetricResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** CIDEr-D by the document frequencies of the input. */
public final class CiderMetric implements CaptionMetric {
  @Override
  public String name() {
    return "cider";
  }

  @Override
  public String description() {
    return "CIDEr-D: n-grams shared with the references, those of few images weighing more";
  }

  @Override
  public List<String> figures() {
    return List.of(Cider.NAME);
  }

  @Override
  public MetricScores score(MetricInput input) {
    MetricResult result = Cider.score(input.corpus(), input.frequencies());
    int documents = input.frequencies().documents();
    SequencedMap<String, String> facts = new LinkedHashMap<>();
    facts.put("CIDEr-D df", input.frequencySource() + " N=" + documents);
    List<String> notes = new ArrayList<>(input.frequencies().note().stream().toList());
    if (result.corpus() == 0) {
      notes.add(whyZero(documents));
    }
    return new MetricScores(List.of(result), facts, notes);
  }

  private static String whyZero(int documents) {
    return documents == 1
        ? "CIDEr is 0 because there is one image only: what is in the references of every image weighs nothing. Give document frequencies of more images with --cider-df FILE."
        : "CIDEr is 0: no caption shares words with its references other than those that are in the references of every image.";
  }
}
