package dev.vignette.llava.compare;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.GenerationOption;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.files.yaml.YamlSection;
import dev.vignette.llava.CaptionSetting;
import dev.vignette.llava.PromptTemplate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/** Takes instructions and configurations from the sections of a {@link PromptsFile}. */
final class PromptsReader {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,60}");
  private static final String INSTRUCTIONS = "instructions";
  private static final String CONFIGS = "configs";

  private final String label;

  PromptsReader(String label) {
    this.label = label;
  }

  PromptsFile read(YamlSection root) {
    Optional<PromptTemplate> template =
        root.value(
            "template",
            Optional.empty(),
            "a text with <image> once and {instruction} once after it",
            text -> Optional.of(PromptTemplate.parse(text)));
    if (!root.has(INSTRUCTIONS)) {
      throw new ConfigException(
          "%s has no instructions; write instructions: and below it a name and a text each"
              .formatted(label));
    }
    SequencedMap<String, GenerationConfig> configs = configs(root.section(CONFIGS));
    List<CaptionSetting> settings = instructions(root.section(INSTRUCTIONS), configs);
    root.finish();
    if (settings.isEmpty()) {
      throw new ConfigException(
          "%s has no instruction below instructions; write a name and a text each"
              .formatted(label));
    }
    return new PromptsFile(template, settings);
  }

  private static SequencedMap<String, GenerationConfig> configs(YamlSection section) {
    SequencedMap<String, GenerationConfig> configs = new LinkedHashMap<>();
    for (String name : section.names()) {
      requireName(section, name);
      configs.put(name, config(section, name));
    }
    if (configs.isEmpty()) {
      configs.put("greedy", GenerationConfig.greedy());
    }
    return configs;
  }

  private static GenerationConfig config(YamlSection parent, String name) {
    YamlSection section = parent.section(name);
    GenerationConfig.Builder builder = GenerationConfig.builder();
    GenerationOption.ALL.forEach(option -> take(section, option, builder));
    section.finish();
    try {
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw parent.complaint(name, "does not go together: " + e.getMessage());
    }
  }

  private static <T> void take(
      YamlSection section, GenerationOption<T> option, GenerationConfig.Builder builder) {
    if (option.equals(GenerationOption.STOP_STRINGS)) {
      builder.stopStrings(section.texts(option.name(), GenerationOption.STOP_STRINGS.byDefault()));
    } else {
      builder.set(
          option,
          section.value(option.name(), option.byDefault(), option.allowed(), option::parse));
    }
  }

  private static List<CaptionSetting> instructions(
      YamlSection section, SequencedMap<String, GenerationConfig> configs) {
    List<CaptionSetting> settings = new ArrayList<>();
    for (String name : section.names()) {
      requireName(section, name);
      Instruction instruction = instruction(section, name, configs);
      try {
        instruction
            .configs()
            .forEach((config, generation) ->
                settings.add(
                    new CaptionSetting(name + "." + config, instruction.prompt(), generation)));
      } catch (IllegalArgumentException e) {
        throw section.complaint(name, "cannot be asked: " + e.getMessage());
      }
    }
    return settings;
  }

  private record Instruction(String prompt, SequencedMap<String, GenerationConfig> configs) {}

  private static Instruction instruction(
      YamlSection parent, String name, SequencedMap<String, GenerationConfig> configs) {
    if (!parent.isSection(name)) {
      return new Instruction(prompt(parent, name), configs);
    }
    YamlSection section = parent.section(name);
    String prompt = prompt(section, "prompt");
    List<String> names = section.texts(CONFIGS, List.copyOf(configs.keySet()));
    section.finish();
    SequencedMap<String, GenerationConfig> chosen = new LinkedHashMap<>();
    for (String config : names) {
      GenerationConfig generation = configs.get(config);
      if (generation == null) {
        throw parent.complaint(
            name,
            "names the config \"%s\"; the configs are %s".formatted(config, configs.keySet()));
      }
      chosen.put(config, generation);
    }
    if (chosen.isEmpty()) {
      throw parent.complaint(
          name,
          "names no config; name some of %s, or leave configs out".formatted(configs.keySet()));
    }
    return new Instruction(prompt, chosen);
  }

  private static String prompt(YamlSection section, String key) {
    String prompt = section.isEmpty(key) ? "" : section.text(key).strip();
    if (prompt.isEmpty()) {
      throw section.complaint(key, "is empty; write what to describe");
    }
    return prompt;
  }

  /** Names become names of files. */
  private static void requireName(YamlSection section, String name) {
    if (!NAME.matcher(name).matches()) {
      throw section.complaint(
          name, "is no name; names are 1 to 60 letters, digits, - or _, as they name files");
    }
  }
}
