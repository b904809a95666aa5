package dev.vignette.files.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YamlFileTest {
  @ParameterizedTest
  @ValueSource(strings = {"[", "{a: ", "- "})
  void whatIsNestedTooDeepIsRefusedWithItsLine(String opening) {
    String closing = opening.startsWith("[") ? "]" : opening.startsWith("{") ? "}" : "a";
    String deep = opening.repeat(20_000) + (closing.equals("a") ? closing : closing.repeat(20_000));
    assertThatThrownBy(() -> YamlFile.compose("p.yaml", "name:\n  " + deep))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "p.yaml line 2 is no configuration: lists or mappings are nested deeper than 50; leave out the inner ones");
    assertThat(YamlFile.compose("p.yaml", "name: " + "[".repeat(49) + "]".repeat(49))).isPresent();
  }

  @Test
  void aPartThatStandsInItselfIsRefusedAndOneThatStandsTwiceIsNot() {
    assertThatThrownBy(() -> YamlFile.compose("p.yaml", "a: 1\nb: &b {c: *b}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("p.yaml line 2 is no configuration: *b stands within what it names");
    assertThat(YamlFile.compose("p.yaml", "a: &a {c: 1}\nb: *a")).isPresent();
  }
}
