package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.Predictions;
import dev.vignette.torch.fixture.SharedData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidationScorerTest {
  /** What the metrics gave before they were asked through the evaluation, at commit 5198eb0. */
  private static final Map<String, Double> EXPECTED =
      Map.of(
          "cider", 3.3901321052490387,
          "bleu-1", 0.7974289053366586,
          "bleu-2", 0.6720517847862727,
          "bleu-3", 0.5210274566179811,
          "bleu-4", 0.4112150800744416,
          "rouge-l", 0.6814741844565135,
          "clipscore", 2.194694077981021);

  @TempDir Path folder;
  private final Path data = SharedData.inRepository("models/mini/data");

  /** The validation images, their last references left out. */
  private CaptionScorer.Truth truth() {
    SequencedMap<String, Path> images = new LinkedHashMap<>();
    SequencedMap<String, List<String>> references = new LinkedHashMap<>();
    CocoCaptions.read(data.resolve("val.json"))
        .byStem()
        .forEach((stem, image) -> {
          images.put(stem, data.resolve("images/val").resolve(image.fileName()));
          references.put(stem, image.captions().subList(0, image.captions().size() - 1));
        });
    return new CaptionScorer.Truth(images, references);
  }

  /** Each image gets the last caption of the image so many places before it. */
  private Predictions lastCaptions(int shift) {
    List<CocoCaptions.Image> images =
        new ArrayList<>(CocoCaptions.read(data.resolve("val.json")).byStem().values());
    SequencedMap<String, String> captions = new LinkedHashMap<>();
    for (int i = 0; i < images.size(); i++) {
      CocoCaptions.Image other = images.get((i + images.size() - shift) % images.size());
      captions.put(images.get(i).stem(), other.captions().getLast());
    }
    return Predictions.ofFiles(captions);
  }

  @Test
  void everyEpochIsScoredByAllMetricsAsItWouldBeAlone() throws Exception {
    TrainConfig config =
        MiniRun.config(folder, "validation.clip=" + SharedData.inRepository("models/mini/clip"));
    try (ValidationScorer scorer = ValidationScorer.open(config)) {
      SequencedMap<String, Double> own = scorer.score(lastCaptions(0), truth());
      SequencedMap<String, Double> shifted = scorer.score(lastCaptions(1), truth());
      assertThat(List.copyOf(own.keySet())).isEqualTo(scorer.metrics());
      assertThat(shifted.get("cider")).isLessThan(1);
      assertThat(scorer.score(lastCaptions(0), truth())).isEqualTo(own);
      own.forEach((name, value) ->
          assertThat(value)
              .as(name)
              .isCloseTo(
                  Objects.requireNonNull(EXPECTED.get(name)),
                  within(name.equals("clipscore") ? 1e-5 : 1e-12)));
    }
    assertThat(folder.resolve("features")).isDirectoryContaining("glob:**.embeddings");
  }
}
