package dev.vignette.captioner.train;

import dev.vignette.files.TextFile;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.files.yaml.YamlFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** An effective configuration as texts by {@code section.name}. */
final class FlatConfig {
  private FlatConfig() {}

  /**
   * Reads a run's {@code config.yaml}.
   *
   * @throws ConfigException if it is none
   */
  static SequencedMap<String, String> read(Path file) throws IOException {
    return of(file, text(file));
  }

  /**
   * The text of a configuration.
   *
   * @throws ConfigException if there is a folder
   */
  static String text(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new ConfigException(
          "%s must be a configuration's file, and it is a folder: name the file in it, or put the file back"
              .formatted(file));
    }
    return TextFile.read(file);
  }

  /**
   * Reads an effective configuration.
   *
   * @param file what complaints name
   * @throws ConfigException if it is none
   */
  static SequencedMap<String, String> of(Path file, String yaml) {
    SequencedMap<String, String> values = new LinkedHashMap<>();
    Node root = YamlFile.compose(file.toString(), yaml).orElse(null);
    if (!(root instanceof MappingNode mapping)) {
      throw new ConfigException(
          "%s is no run's configuration; give a folder that captioner train made".formatted(file));
    }
    flatten("", mapping, values);
    return values;
  }

  private static void flatten(
      String prefix, MappingNode mapping, SequencedMap<String, String> values) {
    for (NodeTuple tuple : mapping.getValue()) {
      String name = prefix + text(tuple.getKeyNode());
      if (tuple.getValueNode() instanceof MappingNode section) {
        flatten(name + ".", section, values);
      } else {
        values.put(name, text(tuple.getValueNode()));
      }
    }
  }

  private static String text(Node node) {
    return switch (node) {
      case ScalarNode scalar -> scalar.getValue();
      case SequenceNode sequence ->
          sequence.getValue().stream().map(FlatConfig::text).collect(Collectors.joining(" "));
      default -> node.toString();
    };
  }
}
