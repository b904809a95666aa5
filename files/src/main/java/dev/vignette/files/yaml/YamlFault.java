package dev.vignette.files.yaml;

import java.util.LinkedHashMap;
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
        "a colon stands where no value can; put the text in quotes, or indent the lines alike");
    WORDS.put(
        "could not find expected ':'",
        "a name without its colon ends here; write name: value, and indent the lines alike");
    WORDS.put(
        "expected ',' or",
        "a list or a mapping in brackets is not closed here; close it, or add a comma");
    WORDS.put(
        "<block end>", "this line is indented otherwise than its neighbours; indent them alike");
    WORDS.put(
        "undefined alias", "what stands here by * is named by & nowhere; write the value out");
    WORDS.put("duplicate", "a name stands here twice; leave one");
    WORDS.put("cannot start any token", "this sign cannot begin a value; put the text in quotes");
    WORDS.put("escape", "a backslash in double quotes stands before what cannot follow it; use '");
  }

  private YamlFault() {}

  static ConfigException of(String label, YamlEngineException failure) {
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
    return new ConfigException(
        "%s%s is no YAML: %s".formatted(label, line(failure), what), failure);
  }

  private static String what(String problem) {
    return WORDS.entrySet().stream()
        .filter(entry -> problem.contains(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("what stands here is not understood; put texts in quotes, and indent lines alike");
  }

  /** Where a quoted text begins that does not end, otherwise where it cannot go on. */
  private static String line(YamlEngineException failure) {
    if (!(failure instanceof MarkedYamlEngineException marked)) {
      return "";
    }
    Optional<Mark> place =
        marked.getProblem().contains("end of stream")
            ? marked.getContextMark()
            : marked.getProblemMark();
    return place.or(marked::getProblemMark).map(mark -> " line " + (mark.getLine() + 1)).orElse("");
  }
}
