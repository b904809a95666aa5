package dev.vignette.captioner.train;

import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.captioner.model.PrecisionChoice;
import dev.vignette.captioner.train.TrainConfig.RateSchedule;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.files.yaml.YamlFile;
import dev.vignette.files.yaml.YamlSection;
import dev.vignette.torch.Torch;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads a run's YAML file; paths in it are relative to the file's folder, and absolute in the
 * effective configuration, which so means the same from anywhere.
 */
final class TrainConfigReader {
  private static final String DEFAULTS = "defaults.yaml";
  private static final double UNLIMITED = Double.POSITIVE_INFINITY;

  private final Path folder;

  private TrainConfigReader(Path folder) {
    this.folder = folder;
  }

  /**
   * Reads a file.
   *
   * @param overrides {@code section.name=value}, as of {@code --set}
   * @throws ConfigException naming the line, the value and what is allowed
   */
  static TrainConfig read(Path file, List<String> overrides) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file)) {
      throw new ConfigException(
          "A configuration is read more than once, but %s is no regular file; save it to one"
              .formatted(file));
    }
    Node root = YamlFile.compose(file.getFileName().toString(), FlatConfig.text(file)).orElse(null);
    if (!(root instanceof MappingNode mapping) || folder == null) {
      throw new ConfigException("%s must be a mapping of sections".formatted(file));
    }
    overrides.forEach(override -> apply(mapping, override));
    try {
      return new TrainConfigReader(folder).config(new YamlSection("", mapping, defaults()));
    } catch (ConfigException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new ConfigException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Every setting with its default, its range and what it does, as YAML. */
  static String defaultsText() {
    try (InputStream in = TrainConfigReader.class.getResourceAsStream(DEFAULTS)) {
      if (in == null) {
        throw new IllegalStateException(DEFAULTS + " is not in this build; build it anew");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static YamlSection defaults() {
    return new YamlSection("", YamlFile.compose(DEFAULTS, defaultsText()).orElse(null));
  }

  private static void apply(MappingNode root, String override) {
    int equals = override.indexOf('=');
    if (equals < 1) {
      throw new ConfigException("--set %s: write --set section.name=value".formatted(override));
    }
    Node value =
        YamlFile.compose("--set " + override, override.substring(equals + 1))
            .orElseThrow(() ->
                new ConfigException(
                    "--set %s has no value: was a variable meant that is not set? Give one, or null for the default"
                        .formatted(override)));
    String[] path = override.substring(0, equals).split("\\.", 3);
    MappingNode section = root;
    for (int i = 0; i + 1 < path.length; i++) {
      section = child(section, path[i]);
    }
    put(section, path[path.length - 1], value);
  }

  private static MappingNode child(MappingNode parent, String key) {
    for (NodeTuple tuple : parent.getValue()) {
      if (isKey(tuple, key) && tuple.getValueNode() instanceof MappingNode mapping) {
        return mapping;
      }
    }
    MappingNode mapping = new MappingNode(Tag.MAP, new ArrayList<>(), FlowStyle.BLOCK);
    put(parent, key, mapping);
    return mapping;
  }

  private static void put(MappingNode mapping, String key, Node value) {
    mapping.getValue().removeIf(tuple -> isKey(tuple, key));
    mapping.getValue().add(new NodeTuple(scalar(key), value));
  }

  private static boolean isKey(NodeTuple tuple, String key) {
    return tuple.getKeyNode() instanceof ScalarNode scalar && scalar.getValue().equals(key);
  }

  private static ScalarNode scalar(String text) {
    return new ScalarNode(Tag.STR, text, ScalarStyle.PLAIN);
  }

  private Path path(String text) {
    return folder.resolve(text).normalize();
  }

  private Path path(YamlSection section, String key) {
    return Path.of(section.<String>value(key, "a path", text -> path(text).toString()));
  }

  private Path path(YamlSection section, String key, Path otherwise) {
    return section.has(key) ? path(section, key) : Path.of(section.text(key, otherwise.toString()));
  }

  private Optional<Path> optionalPath(YamlSection section, String key) {
    return section.has(key)
        ? Optional.of(path(section, key))
        : section.optionalText(key).map(this::path);
  }

  private String model(YamlSection section) {
    return section.value("model", "a path or a name", this::model);
  }

  /** A path when it is one below the configuration's folder; otherwise a name, kept as it is. */
  private String model(String text) {
    return Files.exists(path(text)) ? path(text).toString() : text;
  }

  private TrainConfig config(YamlSection root) {
    TrainConfig.Run run = run(root.section("run"));
    TrainConfig.Data data = data(root.section("data"));
    TrainConfig.Encoder encoder = encoder(root.section("encoder"), run);
    TrainConfig.Decoder decoder = decoder(root.section("decoder"));
    YamlSection projection = root.section("projection");
    double projectionDropout = projection.number("dropout", 0, 1);
    projection.finish();
    LoraSettings lora = lora(root.section("lora"));
    TrainConfig.Training training = training(root.section("training"));
    TrainConfig.Validation validation = validation(root.section("validation"));
    root.finish();
    String yaml =
        new Dump(DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build())
            .dumpToString(root.effective());
    return new TrainConfig(
        run, data, encoder, decoder, projectionDropout, lora, training, validation, yaml);
  }

  private TrainConfig.Run run(YamlSection section) {
    TrainConfig.Run run =
        new TrainConfig.Run(
            section.<String>value(
                "name", "the name of one folder, of at most 255 bytes", TrainConfigReader::runName),
            path(section, "folder", path("runs")),
            section.longInteger("seed"));
    section.finish();
    return run;
  }

  private static String runName(String name) {
    if (name.getBytes(StandardCharsets.UTF_8).length > AtomicFile.LONGEST_NAME
        || name.isBlank()
        || name.matches("\\.+|.*[/\\\\\\x00].*")) {
      throw new IllegalArgumentException(name);
    }
    return name;
  }

  private TrainConfig.Data data(YamlSection section) {
    TrainConfig.Data data =
        new TrainConfig.Data(
            split(section.section("train")),
            split(section.section("val")),
            section.integer("captions_per_image", 0),
            section.integer("limit", 0));
    section.finish();
    return data;
  }

  private TrainConfig.Split split(YamlSection section) {
    TrainConfig.Split split =
        new TrainConfig.Split(path(section, "annotations"), path(section, "images"));
    section.finish();
    return split;
  }

  private TrainConfig.Encoder encoder(YamlSection section, TrainConfig.Run run) {
    TrainConfig.Encoder encoder =
        new TrainConfig.Encoder(
            model(section),
            path(section, "cache", run.folder().resolve("features")),
            section.choice("features", TrainConfig.FeaturePrecision.class));
    section.finish();
    return encoder;
  }

  private TrainConfig.Decoder decoder(YamlSection section) {
    TrainConfig.Decoder decoder =
        new TrainConfig.Decoder(model(section), optionalPath(section, "tokenizer"));
    section.finish();
    return decoder;
  }

  private static double positive(String text) {
    double value = Double.parseDouble(text);
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(text);
    }
    return value;
  }

  private static LoraSettings lora(YamlSection section) {
    int rank = section.integer("rank", 1);
    LoraSettings lora =
        new LoraSettings(
            rank,
            section.value("alpha", 2.0 * rank, "a number > 0", TrainConfigReader::positive),
            section.number("dropout", 0, 1),
            section.flag("rslora"),
            section.texts("targets"),
            section.integers("rank_pattern", 1),
            section.numbers("alpha_pattern"));
    section.finish();
    return lora;
  }

  private static TrainConfig.Training training(YamlSection section) {
    RateSchedule schedule =
        new RateSchedule(
            section.choice("schedule", RateSchedule.Shape.class),
            section.choice("schedule_unit", RateSchedule.Unit.class),
            section.number("learning_rate", 0, UNLIMITED),
            section.integer("warmup", 0),
            section.integer("schedule_length", 0),
            section.number("min_learning_rate", 0, UNLIMITED));
    TrainConfig.Training training =
        new TrainConfig.Training(
            section.integer("epochs", 1),
            section.integer("batch_size", 1),
            section.integer("accumulation", 1),
            section.flag("packing"),
            section.choice("precision", PrecisionChoice.class),
            schedule,
            section.number("weight_decay", 0, UNLIMITED),
            section.number("clip_norm", 0, UNLIMITED),
            section.number("label_smoothing", 0, 1),
            section.integer("projection_epochs", 0),
            section.longInteger("max_trainable"),
            section.integer("checkpoint_steps", 1),
            section.value(
                "threads",
                "a whole number >= 0 and <= " + Torch.MOST_THREADS,
                TrainConfigReader::threads));
    if (training.projectionEpochs() >= training.epochs()) {
      throw section.complaint(
          "projection_epochs",
          "is %d; it must be less than training.epochs, which is %d, or no adapter would train"
              .formatted(training.projectionEpochs(), training.epochs()));
    }
    section.finish();
    return training;
  }

  private static int threads(String text) {
    int threads = Integer.parseInt(text);
    if (threads < 0 || threads > Torch.MOST_THREADS) {
      throw new IllegalArgumentException(text);
    }
    return threads;
  }

  private TrainConfig.Validation validation(YamlSection section) {
    TrainConfig.Validation validation =
        new TrainConfig.Validation(
            section.text("metric"),
            section.integer("patience", 0),
            section.integer("max_new_tokens", 1),
            section.number("min_distinct", 0, 1),
            optionalPath(section, "clip"));
    section.finish();
    return validation;
  }
}
