package dev.vignette.captioner.train;

import dev.vignette.files.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Whether the settings of a run that was begun allow it to be resumed with others. */
final class ResumedSettings {
  /**
   * They change neither a step that was made nor what it was made of: where things lie, how often
   * the run is saved, and how long it goes on.
   */
  private static final Set<String> FREE =
      Set.of(
          "run.name",
          "run.folder",
          "encoder.cache",
          "training.epochs",
          "training.checkpoint_steps",
          "training.max_trainable",
          "training.threads",
          "validation.patience",
          "validation.min_distinct");

  private static final Set<String> PATHS =
      Set.of(
          "data.train.annotations",
          "data.train.images",
          "data.val.annotations",
          "data.val.images",
          "encoder.model",
          "decoder.model",
          "decoder.tokenizer",
          "validation.clip");

  private ResumedSettings() {}

  /**
   * Refuses settings that would make other steps than those of the run so far.
   *
   * @param file the run's {@code config.yaml}, of this version or one before
   * @throws ConfigException naming the settings that differ, with both values
   */
  static void requireResumable(Path file, TrainConfig config) throws IOException {
    Map<String, String> written = FlatConfig.read(file);
    Map<String, String> before = FlatConfig.of(file, filledIn(file));
    Map<String, String> now = FlatConfig.of(file, config.effectiveYaml());
    List<String> differences = new ArrayList<>();
    now.forEach((name, value) -> {
      String old =
          PATHS.contains(name) ? written.getOrDefault(name, "") : before.getOrDefault(name, "");
      if (!FREE.contains(name) && !same(name, old, value)) {
        differences.add("%s is %s and was %s".formatted(name, shown(value), shown(old)));
      }
    });
    before.forEach((name, old) -> {
      if (!now.containsKey(name) && !FREE.contains(name)) {
        differences.add("%s is gone and was %s".formatted(name, shown(old)));
      }
    });
    if (!differences.isEmpty()) {
      throw new ConfigException(
          "A run is resumed with the settings it was begun with, but those of %s differ: %s. Set them back, or begin another run by --set run.name=NAME"
              .formatted(file, String.join("; ", differences)));
    }
  }

  /** With the defaults of settings that a version before did not know. */
  private static String filledIn(Path file) throws IOException {
    return TrainConfigReader.read(file, List.of()).effectiveYaml();
  }

  private static boolean same(String name, String old, String value) {
    return old.equals(value) || (PATHS.contains(name) && samePlace(Path.of(old), Path.of(value)));
  }

  /** A version before kept paths as they were written, relative to a file that is not known now. */
  private static boolean samePlace(Path old, Path place) {
    if (old.isAbsolute() || old.toString().isEmpty()) {
      return old.normalize().equals(place.normalize());
    }
    Path end = Path.of("");
    for (Path part : old.normalize()) {
      end = part.toString().equals("..") ? end : end.resolve(part);
    }
    return place.normalize().endsWith(end);
  }

  private static String shown(String value) {
    return value.isEmpty() ? "empty" : value;
  }
}
