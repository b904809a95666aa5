package dev.vignette.files.yaml;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Says why a text is no YAML, in our words and not in the parser's. */
final class YamlFault {
  /** By a part of what the parser says. */
  private static final Map<String, String> WORDS = new LinkedHashMap<>();

  static {
    WORDS.put("(TAB)", "a tab stands here, and YAML is indented by spaces; replace it");
    WORDS.put("'\\t", "a tab stands here, and YAML is indented by spaces; replace it");
    WORDS.put("another document", "a second document begins here; leave one, without ---");
    WORDS.put(
        "unexpected end of stream", "a text in quotes begins here and does not end; close it");
    WORDS.put(
        "mapping values are not allowed",
        "a colon stands where no value can, or the line above lacks its own; write name: value, and a text with a colon in quotes");
    WORDS.put(
        "could not find expected ':'",
        "a name without its colon, or too long a name, stands here; write name: value");
    WORDS.put(
        "expected ',' or",
        "the list or the mapping in brackets that begins here is not closed, or goes on otherwise than with a comma; look at its brackets, commas, colons and quotes");
    WORDS.put(
        "<block end>",
        "this line does not go on as those above it; look at its indentation, and at brackets and quotes that are too many");
    WORDS.put(
        "undefined alias", "what stands here by * is named by & nowhere; write the value out");
    WORDS.put("duplicate", "a name stands here twice; leave one");
    WORDS.put("cannot start any token", "this sign cannot begin a value; put the text in quotes");
    WORDS.put("escape", "a backslash in double quotes stands before what cannot follow it; use '");
  }

  /** Problems that are told where what they are of begins. */
  private static final List<String> BEGINS =
      List.of("end of stream", "expected ',' or", "could not find expected ':'");

  private YamlFault() {}

  static ConfigException of(String label, String text, YamlEngineException failure) {
    String what =
        switch (failure) {
          case MarkedYamlEngineException marked -> what(marked.getProblem());
          case ReaderException reader ->
              "it has the character U+%04X, which no text has; take it out"
                  .formatted(reader.getCodePoint());
          default ->
              String.valueOf(failure.getMessage()).contains("aliases")
                  ? "too many values are written as * of others; write them out"
                  : what(String.valueOf(failure.getMessage()));
        };
    String place = line(text, failure).map(line -> " line " + line).orElse("");
    return new ConfigException("%s%s is no YAML: %s".formatted(label, place, what), failure);
  }

  private static String what(String problem) {
    return WORDS.entrySet().stream()
        .filter(entry -> problem.contains(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("what stands here is not understood; put texts in quotes, and indent lines alike");
  }

  /** Where a quoted text or a bracket begins that does not end, otherwise where it goes wrong. */
  private static Optional<Integer> line(String text, YamlEngineException failure) {
    return switch (failure) {
      case MarkedYamlEngineException marked ->
          (BEGINS.stream().anyMatch(marked.getProblem()::contains)
                  ? marked.getContextMark()
                  : Optional.<Mark>empty())
              .or(marked::getProblemMark)
              .map(mark -> mark.getLine() + 1);
      case ReaderException reader -> {
        int at = text.indexOf(reader.getCodePoint());
        yield at < 0
            ? Optional.empty()
            : Optional.of(text.substring(0, at).split("\r\n|\r|\n", -1).length);
      }
      default -> Optional.empty();
    };
  }
}
