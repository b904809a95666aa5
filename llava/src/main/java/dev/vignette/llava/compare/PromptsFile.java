package dev.vignette.llava.compare;

import dev.vignette.captions.run.UsageException;
import dev.vignette.files.TextFile;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.files.yaml.YamlFile;
import dev.vignette.files.yaml.YamlSection;
import dev.vignette.llava.CaptionSetting;
import dev.vignette.llava.PromptTemplate;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code vignette llava compare} asks: a YAML file of instructions and generation
 * configurations; {@code prompts.yaml} beside this class is the default and describes the format.
 *
 * @param template what stands around image and instruction; nothing for what the model's chat
 *     template says
 * @param settings at least one, with names that are unique and fit for files
 */
public record PromptsFile(Optional<PromptTemplate> template, List<CaptionSetting> settings) {
  private static final String DEFAULT = "prompts.yaml";

  /** Copies the settings. */
  public PromptsFile {
    settings = List.copyOf(settings);
    if (settings.isEmpty()) {
      throw new IllegalArgumentException("a comparison has at least one setting, it got none");
    }
  }

  /**
   * Reads a file.
   *
   * @throws ConfigException naming the line, the value and what is allowed
   * @throws UsageException if there is no such file
   */
  public static PromptsFile read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new UsageException(
          "--prompts names a YAML file of instructions, and there is no file %s. Check the path, or leave --prompts out for the default."
              .formatted(file));
    }
    return parse(file.getFileName().toString(), TextFile.read(file));
  }

  /** The default: the homework's four instructions and the strongest public ones. */
  public static PromptsFile byDefault() throws IOException {
    return parse(DEFAULT, defaultText());
  }

  /** The default as its file says it, to begin one's own from. */
  public static String defaultText() throws IOException {
    try (InputStream in = PromptsFile.class.getResourceAsStream(DEFAULT)) {
      if (in == null) {
        throw new IllegalStateException(DEFAULT + " is not in this build; build it anew");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Reads a text that complaints call {@code label}. */
  static PromptsFile parse(String label, String text) {
    YamlSection root = new YamlSection("", YamlFile.compose(label, text).orElse(null));
    return new PromptsReader(label).read(root);
  }
}
