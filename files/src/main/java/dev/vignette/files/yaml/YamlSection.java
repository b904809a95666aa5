package dev.vignette.files.yaml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A mapping of a YAML file while it is read: every value is checked where it is taken, every
 * complaint says where the value stands and what is allowed, and what was taken, defaults included,
 * is remembered as the effective configuration.
 */
public final class YamlSection {
  /** More than an int can have. */
  private static final Pattern LARGE = Pattern.compile("[+-]?[1-9]\\d{9,}");

  private final String path;

  /** Where the mapping stands, as complaints begin; empty for one that is not there. */
  private final String place;

  private final @Nullable YamlSection defaults;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Node> keys = new LinkedHashMap<>();
  private final Map<String, Object> effective = new LinkedHashMap<>();

  /**
   * A mapping about to be read.
   *
   * @param path what stands before its names in complaints; empty at the top
   * @param node the mapping; null for an empty one
   * @throws ConfigException if it is something else, or has a name twice
   */
  public YamlSection(String path, @Nullable Node node) {
    this(path, node, null, "");
  }

  /**
   * A mapping about to be read.
   *
   * @param path what stands before its names in complaints; empty at the top
   * @param node the mapping; null for an empty one
   * @param defaults has the values of what the mapping lacks; null for none
   * @throws ConfigException if it is something else, or has a name twice
   */
  public YamlSection(String path, @Nullable Node node, @Nullable YamlSection defaults) {
    this(path, node, defaults, "");
  }

  /**
   * @param above where the mapping around it stands, for one that is not there
   */
  private YamlSection(
      String path, @Nullable Node node, @Nullable YamlSection defaults, String above) {
    this.defaults = defaults;
    this.path = path;
    this.place = node == null ? above : where(node);
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        Node keyNode = tuple.getKeyNode();
        String key = text(keyNode, "a name");
        if (values.put(key, tuple.getValueNode()) != null) {
          throw new ConfigException(
              where(keyNode) + "%s is there twice; remove one of them".formatted(name(key)));
        }
        keys.put(key, keyNode);
      }
    } else if (node != null) {
      throw new ConfigException(
          place
              + "%s must be a mapping of names to values, as in name: value"
                  .formatted(path.isEmpty() ? "what stands in it" : path));
    }
  }

  private String name(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** The names that nothing has taken yet, in the order of the file. */
  public List<String> names() {
    return List.copyOf(values.keySet());
  }

  /** Whether the value of {@code key} is a mapping. */
  public boolean isSection(String key) {
    return values.get(key) instanceof MappingNode;
  }

  /** A complaint about {@code key}, after the place where it stands. */
  public ConfigException complaint(String key, String sentence) {
    return new ConfigException(where(keys.get(key)) + name(key) + " " + sentence);
  }

  /** Whether there is a value for {@code key}, and not null. */
  public boolean has(String key) {
    return values.containsKey(key) && !isNull(values.get(key));
  }

  /** Whether {@code key} is there, but with nothing for a value. */
  public boolean isEmpty(String key) {
    return values.containsKey(key) && isNull(values.get(key));
  }

  /** The section below {@code key}; an empty one when it is absent. */
  public YamlSection section(String key) {
    YamlSection section = below(key, defaults == null ? null : defaults.below(key, null));
    effective.put(key, section.effective);
    return section;
  }

  private YamlSection below(String key, @Nullable YamlSection defaultsBelow) {
    return new YamlSection(name(key), has(key) ? values.get(key) : null, defaultsBelow, place);
  }

  /** A text that must be there, or have a default. */
  public String text(String key) {
    return scalar(key, null, "a text", value -> value);
  }

  /** A text. */
  public String text(String key, String otherwise) {
    return scalar(key, otherwise, "a text", value -> value);
  }

  /** A text that may be absent. */
  public Optional<String> optionalText(String key) {
    if (has(key)) {
      return Optional.of(text(key));
    }
    values.remove(key);
    effective.put(key, "");
    return Optional.empty();
  }

  /** A whole number from {@code least} up. */
  public int integer(String key, int least) {
    String allowed = "a whole number >= " + least;
    int value = value(key, allowed, Integer::valueOf);
    require(key, value >= least, value, allowed);
    return value;
  }

  /** A whole number of 64 bits. */
  public long longInteger(String key) {
    return value(key, "a whole number", Long::valueOf);
  }

  /** A number from {@code least} up to but not including {@code limit}. */
  public double number(String key, double least, double limit) {
    String allowed =
        limit == Double.POSITIVE_INFINITY
            ? "a number >= " + least
            : "a number >= %s and < %s".formatted(least, limit);
    double value = value(key, allowed, Double::valueOf);
    require(key, value >= least && value < limit, value, allowed);
    return value;
  }

  /** Yes or no. */
  public boolean flag(String key) {
    return value(
        key,
        "true, false, on or off",
        text ->
            switch (text) {
              case "true", "on", "yes" -> true;
              case "false", "off", "no" -> false;
              default -> throw new IllegalArgumentException(text);
            });
  }

  /** A constant of an enum, by its name in lower case. */
  public <E extends Enum<E>> E choice(String key, Class<E> kind) {
    List<String> allowed = new ArrayList<>();
    for (E constant : kind.getEnumConstants()) {
      allowed.add(constant.name().toLowerCase(Locale.ROOT));
    }
    String text =
        value(
            key,
            "one of " + allowed,
            name -> {
              if (!allowed.contains(name)) {
                throw new IllegalArgumentException(name);
              }
              return name;
            });
    return Enum.valueOf(kind, text.toUpperCase(Locale.ROOT));
  }

  /** A list of texts. */
  public List<String> texts(String key, List<String> otherwise) {
    if (!has(key)) {
      effective.put(key, otherwise);
      return otherwise;
    }
    return texts(key, values.remove(key));
  }

  /** A list of texts that must be there, or have a default. */
  public List<String> texts(String key) {
    if (has(key)) {
      return texts(key, values.remove(key));
    }
    boolean isEmpty = isEmpty(key);
    values.remove(key);
    Node usual = defaultOf(key);
    if (usual == null) {
      throw missing(key, isEmpty, "a list, as in [a, b]");
    }
    return texts(key, usual);
  }

  private List<String> texts(String key, @Nullable Node node) {
    if (!(node instanceof SequenceNode sequence)) {
      throw new ConfigException(where(node) + name(key) + " must be a list, as in [a, b]");
    }
    List<String> list = new ArrayList<>();
    for (Node item : sequence.getValue()) {
      list.add(text(item, name(key)));
    }
    effective.put(key, list);
    return list;
  }

  /** A mapping of free names to numbers. */
  public Map<String, Double> numbers(String key) {
    return map(key, "a number", Double::valueOf);
  }

  /** A mapping of free names to whole numbers from {@code least} up. */
  public Map<String, Integer> integers(String key, int least) {
    return map(
        key,
        "a whole number >= " + least,
        text -> {
          int value = Integer.parseInt(text);
          if (value < least) {
            throw new IllegalArgumentException(text);
          }
          return value;
        });
  }

  private <T> Map<String, T> map(String key, String allowed, Function<String, T> parse) {
    Map<String, T> map = new LinkedHashMap<>();
    if (has(key)) {
      YamlSection inner = new YamlSection(name(key), values.get(key));
      for (String name : List.copyOf(inner.values.keySet())) {
        map.put(name, inner.scalar(name, null, allowed, parse));
      }
    }
    values.remove(key);
    effective.put(key, map);
    return map;
  }

  /**
   * A value of any kind.
   *
   * @param allowed what may stand there, for the complaint
   * @param parse throws {@link IllegalArgumentException} for what may not
   */
  public <T> T value(String key, T otherwise, String allowed, Function<String, T> parse) {
    return scalar(key, otherwise, allowed, parse);
  }

  /**
   * A value of any kind that must be there, or have a default; what it is parsed to stands in the
   * effective configuration.
   */
  public <T> T value(String key, String allowed, Function<String, T> parse) {
    return scalar(key, null, allowed, parse);
  }

  private <T> T scalar(
      String key, @Nullable T otherwise, String allowed, Function<String, T> parse) {
    if (!has(key)) {
      boolean isEmpty = isEmpty(key);
      values.remove(key);
      Node byDefault = otherwise == null ? defaultOf(key) : null;
      T usual = byDefault == null ? otherwise : parse.apply(text(byDefault, name(key)));
      if (usual == null) {
        throw missing(key, isEmpty, allowed);
      }
      effective.put(key, usual);
      return usual;
    }
    Node node = values.get(key);
    String text = text(node, name(key));
    try {
      T value = parse.apply(text);
      values.remove(key);
      effective.put(key, value);
      return value;
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          where(node)
              + "%s is \"%s\"%s; it must be %s"
                  .formatted(
                      name(key),
                      text,
                      LARGE.matcher(text).matches() ? ", out of range" : "",
                      allowed),
          e);
    }
  }

  private ConfigException missing(String key, boolean isEmpty, String allowed) {
    return new ConfigException(
        (isEmpty ? where(keys.get(key)) : place)
            + "%s is %s; it must be %s"
                .formatted(name(key), isEmpty ? "empty" : "missing", allowed));
  }

  private @Nullable Node defaultOf(String key) {
    return defaults != null && defaults.has(key) ? defaults.values.get(key) : null;
  }

  private void require(String key, boolean holds, Object value, String allowed) {
    if (!holds) {
      Node node = keys.get(key);
      throw new ConfigException(
          where(node) + "%s is %s; it must be %s".formatted(name(key), value, allowed));
    }
  }

  /** Complains about keys that nothing took. */
  public void finish() {
    for (String key : values.keySet()) {
      if (!effective.containsKey(key)) {
        Node node = keys.get(key);
        throw new ConfigException(
            where(node)
                + "there is no setting %s; the settings here are %s"
                    .formatted(name(key), effective.keySet()));
      }
    }
  }

  /** What was taken so far, defaults included. */
  public Map<String, Object> effective() {
    return effective;
  }

  /** What a complaint about a node begins with: file and line. */
  private static String where(@Nullable Node node) {
    Optional<Mark> mark = node == null ? Optional.empty() : node.getStartMark();
    return mark.map(m -> m.getName() + " line " + (m.getLine() + 1) + ": ").orElse("");
  }

  private static boolean isNull(@Nullable Node node) {
    return node instanceof ScalarNode scalar
        && (scalar.getValue().isEmpty() || scalar.getValue().equals("null"));
  }

  /** The text of a node that complaints call {@code name}. */
  private static String text(@Nullable Node node, String name) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw new ConfigException(
        where(node) + name + " must be a single value, not a list or mapping");
  }
}
