package dev.vignette.files.yaml;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Single values of YAML, and where they stand. */
final class YamlScalar {
  private YamlScalar() {}

  /** What a complaint about a node begins with: file and line. */
  static String where(@Nullable Node node) {
    Optional<Mark> mark = node == null ? Optional.empty() : node.getStartMark();
    return mark.map(m -> m.getName() + " line " + (m.getLine() + 1) + ": ").orElse("");
  }

  static boolean isNull(@Nullable Node node) {
    return node instanceof ScalarNode scalar
        && (scalar.getValue().isEmpty() || scalar.getValue().equals("null"));
  }

  /** The text of a node that complaints call {@code name}. */
  static String text(@Nullable Node node, String name) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw new ConfigException(
        where(node) + name + " must be a single value, not a list or mapping");
  }
}
