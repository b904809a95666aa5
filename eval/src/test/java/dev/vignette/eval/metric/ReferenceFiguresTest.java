package dev.vignette.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.Predictions;
import dev.vignette.eval.TestData;
import dev.vignette.eval.tokenize.CaptionTokenizer;
import dev.vignette.eval.tokenize.CaptionTokenizer.LinePlaces;
import dev.vignette.eval.tokenize.Tokenization;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Corpus and per-image figures against the unmodified reference: CIDEr to the last bit. */
class ReferenceFiguresTest {
  private static final CaptionTokenizer TOKENIZER = CaptionTokenizer.own();
  private static final double TOLERANCE = 1e-12;

  /** The reference's names of the metrics. */
  private static final Map<String, String> NAMES =
      Map.of(
          "Bleu_1", "BLEU-1",
          "Bleu_2", "BLEU-2",
          "Bleu_3", "BLEU-3",
          "Bleu_4", "BLEU-4",
          "ROUGE_L", "ROUGE-L",
          "CIDEr", "CIDEr");

  /** A corpus of the reference's, with its figures. */
  record Corpus(String name, JsonNode json) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Corpus> edgeCorpora() {
    return TestData.json(ReferenceFiguresTest.class, "edge-corpora.json")
        .propertyStream()
        .map(entry -> new Corpus(entry.getKey(), entry.getValue()));
  }

  private static List<String> tokens(List<String> captions) {
    List<String> lines = new ArrayList<>(captions.size());
    LinePlaces _ = TOKENIZER.tokenize(captions, Tokenization.COMPAT, lines::add);
    return lines;
  }

  private static CaptionCorpus corpus(List<String> candidates, List<List<String>> references) {
    List<String> all = references.stream().flatMap(List::stream).toList();
    List<String> tokens = tokens(all);
    List<List<String>> lines = new ArrayList<>();
    int from = 0;
    for (List<String> of : references) {
      lines.add(tokens.subList(from, from + of.size()));
      from += of.size();
    }
    return CaptionCorpus.of(tokens(candidates), lines);
  }

  private static Map<String, MetricResult> scores(CaptionCorpus corpus) {
    Map<String, MetricResult> results = new LinkedHashMap<>();
    MetricResult cider = Cider.score(corpus, DocumentFrequencies.of(corpus));
    results.put(cider.name(), cider);
    Bleu.score(corpus).forEach(bleu -> results.put(bleu.name(), bleu));
    MetricResult rouge = RougeL.score(corpus);
    results.put(rouge.name(), rouge);
    return results;
  }

  private static void assertEqual(String name, double actual, double expected) {
    if (name.equals(Cider.NAME)) {
      assertThat(actual).as(name).isEqualTo(expected);
    } else {
      assertThat(actual).as(name).isCloseTo(expected, within(TOLERANCE));
    }
  }

  private static void check(JsonNode json) {
    List<String> ids = List.copyOf(json.get("refs").propertyNames());
    List<String> order = List.copyOf(json.get("cands").propertyNames());
    // The reference tokenizes candidates in the order of the predictions, references in theirs.
    List<String> tokens =
        tokens(order.stream().map(id -> json.get("cands").get(id).asString()).toList());
    List<List<String>> references =
        ids.stream()
            .map(id -> json.get("refs").get(id).valueStream().map(JsonNode::asString).toList())
            .toList();
    CaptionCorpus corpus =
        corpus(ids.stream().map(id -> tokens.get(order.indexOf(id))).toList(), references);
    Map<String, MetricResult> results = scores(corpus);
    json.get("scores")
        .forEachEntry((name, value) -> {
          MetricResult result = Objects.requireNonNull(results.get(NAMES.get(name)), name);
          assertEqual(result.name(), result.corpus(), value.doubleValue());
          JsonNode images = json.get("per_image").get(name);
          assertThat(result.size()).isEqualTo(images.size());
          for (int i = 0; i < images.size(); i++) {
            assertEqual(result.name(), result.image(i), images.get(i).doubleValue());
          }
        });
  }

  @ParameterizedTest
  @MethodSource("edgeCorpora")
  void tinyCorporaHaveTheReferencesFigures(Corpus corpus) {
    check(corpus.json);
  }

  @Test
  void allTinyCorporaBesideTheCheckoutHaveTheReferencesFigures() {
    JsonNode all = TestData.json(TestData.shared("eval/edge/edge_metrics.json"));
    assertThat(all.size()).isEqualTo(38);
    all.forEachEntry((name, json) -> {
      if (!name.equals("no_refs")) {
        check(json);
      }
    });
  }

  @Test
  void publishedExamplesHaveTheirPublishedFigures() {
    JsonNode all = TestData.json(TestData.shared("eval/edge/published_anchors.json"));
    check(all.get("clipscore_readme_good"));
    check(all.get("clipscore_readme_bad"));
    JsonNode lists = all.get("language_evaluation_readme");
    CaptionCorpus corpus =
        corpus(
            lists.get("cands").valueStream().map(JsonNode::asString).toList(),
            lists.get("refs").valueStream().map(ref -> List.of(ref.asString())).toList());
    Map<String, MetricResult> results = scores(corpus);
    lists
        .get("scores")
        .forEachEntry((name, value) ->
            assertEqual(
                name,
                Objects.requireNonNull(results.get(NAMES.get(name)), name).corpus(),
                value.doubleValue()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"llava15_karpathy5k", "human_val2017_1000"})
  void realCorporaHaveTheReferencesFigures(String name) {
    Path folder = TestData.shared("eval/" + name);
    JsonNode golden = TestData.json(folder.resolve("golden.json"));
    Predictions predictions = Predictions.read(folder.resolve("predictions.json"));
    List<CocoCaptions.Image> images =
        List.copyOf(CocoCaptions.read(folder.resolve("annotations.json")).images());
    CaptionCorpus corpus =
        corpus(
            images.stream().map(image -> predictions.caption(image.stem()).orElseThrow()).toList(),
            images.stream().map(CocoCaptions.Image::captions).toList());
    scores(corpus)
        .forEach((metric, result) -> {
          String theirs =
              NAMES.entrySet().stream()
                  .filter(entry -> entry.getValue().equals(metric))
                  .findFirst()
                  .orElseThrow()
                  .getKey();
          assertEqual(metric, result.corpus(), golden.get("corpus").get(theirs).doubleValue());
          JsonNode perImage = golden.get("per_image").get(theirs);
          assertThat(perImage.size()).isEqualTo(images.size());
          for (int i = 0; i < images.size(); i++) {
            assertEqual(metric, result.image(i), perImage.get(images.get(i).stem()).doubleValue());
          }
        });
  }
}
