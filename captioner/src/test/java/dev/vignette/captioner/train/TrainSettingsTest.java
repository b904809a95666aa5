package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.captioner.train.TrainConfig.RateSchedule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The file that documents every setting of a training. */
class TrainSettingsTest {
  /** A name, perhaps behind #, its value, and what is said of it. */
  private static final Pattern LINE = Pattern.compile("( *)#?(\\w+):([^#]*)(# *(.*:.*))?");

  @TempDir private Path folder;

  private TrainConfig least() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("train.yaml"),
            """
            run: {name: x}
            data:
              train: {annotations: t.json, images: t}
              val: {annotations: v.json, images: v}
            encoder: {model: enc}
            decoder: {model: gpt2}
            """);
    return TrainConfigReader.read(file, List.of());
  }

  /** {@code section.name} of each line that has a value. */
  private static List<String> names(String yaml) {
    List<String> names = new ArrayList<>();
    List<String> path = new ArrayList<>();
    for (String line : yaml.lines().toList()) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        int depth = matcher.group(1).length() / 2;
        path.subList(depth, path.size()).clear();
        path.add(matcher.group(2));
        if (!matcher.group(3).isBlank()) {
          names.add(String.join(".", path));
        }
      }
    }
    return names;
  }

  /** {@code section.name} of each setting that the reader knows. */
  private static Set<String> settings(TrainConfig config) {
    Set<String> names = new HashSet<>();
    Object root = new Load(LoadSettings.builder().build()).loadFromString(config.effectiveYaml());
    collect("", (Map<?, ?>) root, names);
    return names;
  }

  private static void collect(String prefix, Map<?, ?> section, Set<String> names) {
    section.forEach((name, value) -> {
      if (value instanceof Map<?, ?> below && !below.isEmpty()) {
        collect(prefix + name + ".", below, names);
      } else {
        names.add(prefix + name);
      }
    });
  }

  @Test
  void everySettingIsDocumentedAndNothingElse() throws Exception {
    assertThat(names(TrainConfigReader.defaultsText()))
        .hasSize(45)
        .containsExactlyInAnyOrderElementsOf(settings(least()));
  }

  @Test
  void everySettingHasARangeAndASentence() {
    for (String line : TrainConfigReader.defaultsText().lines().toList()) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches() && !matcher.group(3).isBlank()) {
        assertThat(matcher.group(5)).as(line).isNotBlank();
      }
    }
  }

  @Test
  void theDefaultsAreThoseOfThePublishedRuns() throws Exception {
    TrainConfig config = least();
    assertThat(config.lora())
        .isEqualTo(
            new LoraSettings(
                16,
                32,
                0.1,
                false,
                List.of("c_attn", "c_proj", "c_fc", "lm_head"),
                Map.of(),
                Map.of()));
    assertThat(config.training().schedule())
        .isEqualTo(
            new RateSchedule(RateSchedule.Shape.COSINE, RateSchedule.Unit.STEP, 8e-4, 0, 0, 0));
    assertThat(config.training().epochs()).isEqualTo(10);
    assertThat(config.training().maxTrainable()).isEqualTo(10_000_000);
    assertThat(config.validation())
        .isEqualTo(new TrainConfig.Validation("cider", 0, 30, 0.1, Optional.empty()));
  }
}
