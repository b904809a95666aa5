package dev.vignette.files.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = true,
      textBlock =
          """
          run:~@name: z        | line 2 is no YAML: a tab stands here
          run: x~---~run: y    | line 2 is no YAML: a second document begins here
          a: 1~run: "x         | line 2 is no YAML: a text in quotes begins here and does not end
          run: x: y            | line 1 is no YAML: a colon stands where no value can
          a: 1~run: [a, b~c: 2 | line 2 is no YAML: the list or the mapping in brackets that begins here
          a: 1~ b: 2           | is no YAML: a colon stands where no value can
          a: *b                | line 1 is no YAML: what stands here by * is named by & nowhere
          a: %b                | line 1 is no YAML: this sign cannot begin a value
          a: "\\q"             | line 1 is no YAML: a backslash in double quotes
          a: 1~b: x!           | line 2 is no YAML: it has the character U+0001
          """)
  void whatIsNoYamlIsSaidInOurWords(String text, String complaint) {
    String yaml =
        text.replace('~', '\n').replace('@', '\t').replace("x!", "x" + Character.toString(1));
    assertThatThrownBy(() -> YamlFile.compose("p.yaml", yaml))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("p.yaml ")
        .hasMessageContaining(complaint);
  }

  @Test
  void aPartThatStandsInItselfIsRefusedAndOneThatStandsTwiceIsNot() {
    assertThatThrownBy(() -> YamlFile.compose("p.yaml", "a: 1\nb: &b {c: *b}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("p.yaml line 2 is no configuration: *b stands within what it names");
    assertThat(YamlFile.compose("p.yaml", "a: &a {c: 1}\nb: *a")).isPresent();
  }
}
