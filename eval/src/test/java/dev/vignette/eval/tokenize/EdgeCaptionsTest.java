package dev.vignette.eval.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.eval.TestData;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Captions at the edges of the rules, with what the unmodified reference makes of them. */
class EdgeCaptionsTest {
  private static final CaptionTokenizer OWN = CaptionTokenizer.own();

  /** A caption, and the three lines that the reference makes of it between two plain ones. */
  record Edge(String name, String caption, List<String> lines) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Edge> edges() {
    return TestData.json(EdgeCaptionsTest.class, "edge-captions.json")
        .valueStream()
        .map(edge ->
            new Edge(
                edge.get("name").asString(),
                edge.get("caption").asString(),
                edge.get("lines").valueStream().map(JsonNode::asString).toList()));
  }

  private static List<String> between(String caption, Tokenization mode) {
    return OWN.tokenize(List.of("zero first", caption, "two last"), mode).lines();
  }

  @ParameterizedTest
  @MethodSource("edges")
  void compatModeGivesTheReferencesLines(Edge edge) {
    assertThat(between(edge.caption, Tokenization.COMPAT)).isEqualTo(edge.lines);
  }

  @ParameterizedTest
  @MethodSource("edges")
  void strictModeDiffersOnlyWhereACaptionBreaksTheLine(Edge edge) {
    List<String> strict = between(edge.caption, Tokenization.STRICT);
    if (CaptionTokenizer.hasOddLineBreak(edge.caption)) {
      assertThat(strict.get(1)).startsWith(edge.lines.get(1) + " " + edge.lines.get(2));
      assertThat(strict.get(2)).isEqualTo("two last");
    } else {
      assertThat(strict).isEqualTo(edge.lines);
    }
  }

  @Test
  void all88AreThere() {
    assertThat(edges()).hasSize(88);
  }

  @Test
  void theDataBesideTheCheckoutGivesTheSame() {
    JsonNode all = TestData.json(TestData.shared("eval/edge/edge_tokenization.json"));
    assertThat(all.propertyNames()).hasSize(88);
    all.forEachEntry((name, edge) -> {
      JsonNode lines = edge.get("sandwich");
      assertThat(between(edge.get("raw").asString(), Tokenization.COMPAT))
          .as(name)
          .isEqualTo(Stream.of("0", "1", "2").map(i -> lines.get(i).get(0).asString()).toList());
    });
  }
}
