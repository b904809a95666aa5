package dev.vignette.files.yaml;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Texts in YAML as nodes that know their lines. */
public final class YamlFile {
  /** No configuration of ours is nested deeper than five. */
  private static final int DEEPEST = 50;

  private YamlFile() {}

  /**
   * The node that {@code text} is, empty for an empty text.
   *
   * @param label what complaints call the text, such as its file's name
   * @throws ConfigException if it is no YAML, is nested too deep, or has a part in itself
   */
  public static Optional<Node> compose(String label, String text) {
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(label).build();
      requireFlat(label, new Parse(settings).parseString(text));
      return new Compose(settings).composeString(text);
    } catch (YamlEngineException e) {
      throw YamlFault.of(label, text, e);
    }
  }

  /** Composing nodes, and walking through them, calls itself for each that is in another. */
  private static void requireFlat(String label, Iterable<Event> events) {
    Deque<Optional<String>> open = new ArrayDeque<>();
    for (Event event : events) {
      switch (event) {
        case CollectionStartEvent begin -> open.push(begin.getAnchor().map(Anchor::getValue));
        case CollectionEndEvent _ -> open.pop();
        case AliasEvent alias -> {
          if (open.contains(Optional.of(alias.getAlias().getValue()))) {
            throw new ConfigException(
                "%s is no configuration: *%s stands within what it names; write the values out"
                    .formatted(at(label, event), alias.getAlias().getValue()));
          }
        }
        default -> {}
      }
      if (open.size() > DEEPEST) {
        throw new ConfigException(
            "%s is no configuration: lists or mappings are nested deeper than %d; leave out the inner ones"
                .formatted(at(label, event), DEEPEST));
      }
    }
  }

  private static String at(String label, Event event) {
    return event.getStartMark().map(mark -> label + " line " + (mark.getLine() + 1)).orElse(label);
  }
}
