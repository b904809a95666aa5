package dev.vignette.files.yaml;

import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Texts in YAML as nodes that know their lines. */
public final class YamlFile {
  private YamlFile() {}

  /**
   * The node that {@code text} is, empty for an empty text.
   *
   * @param label what complaints call the text, such as its file's name
   * @throws ConfigException if it is no YAML
   */
  public static Optional<Node> compose(String label, String text) {
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(label).build();
      return new Compose(settings).composeString(text);
    } catch (YamlEngineException e) {
      throw new ConfigException("%s is no YAML: %s".formatted(label, e.getMessage()), e);
    }
  }
}
