package dev.vignette.eval.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.Predictions;
import dev.vignette.eval.TestData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Every token of real captions and references equals the reference's. */
class GoldenTokensTest {
  private static final CaptionTokenizer OWN = CaptionTokenizer.own();

  @ParameterizedTest
  @ValueSource(strings = {"llava15_karpathy5k", "human_val2017_1000"})
  void allReferencesHaveTheReferencesTokens(String corpus) {
    Path folder = TestData.shared("eval/" + corpus);
    JsonNode golden = TestData.json(folder.resolve("golden.json")).get("tokens_references");
    List<String> captions = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (CocoCaptions.Image image :
        CocoCaptions.read(folder.resolve("annotations.json")).images()) {
      captions.addAll(image.captions());
      golden.get(image.stem()).forEach(line -> expected.add(line.asString()));
    }
    TokenizedCaptions tokens = OWN.tokenize(captions, Tokenization.COMPAT);
    assertThat(tokens.lines()).hasSizeGreaterThan(3_900).isEqualTo(expected);
    assertThat(tokens.misplaced()).isEmpty();
    assertThat(tokens.dropped()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"llava15_karpathy5k", "human_val2017_1000"})
  void allCandidatesHaveTheReferencesTokens(String corpus) {
    Path folder = TestData.shared("eval/" + corpus);
    JsonNode golden = TestData.json(folder.resolve("golden.json")).get("tokens_candidates");
    Predictions predictions = Predictions.read(folder.resolve("predictions.json"));
    List<String> expected =
        predictions.captions().keySet().stream().map(stem -> line(golden.get(stem))).toList();
    TokenizedCaptions tokens =
        OWN.tokenize(List.copyOf(predictions.captions().values()), Tokenization.COMPAT);
    assertThat(tokens.lines()).hasSizeGreaterThanOrEqualTo(1_000).isEqualTo(expected);
  }

  private static String line(JsonNode tokens) {
    return tokens.isArray() ? tokens.get(0).asString() : tokens.asString();
  }
}
