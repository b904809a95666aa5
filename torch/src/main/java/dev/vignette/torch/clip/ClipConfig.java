package dev.vignette.torch.clip;

import static dev.vignette.torch.TransformerRules.MOST_BLOCKS;
import static dev.vignette.torch.TransformerRules.MOST_CHANNELS;
import static dev.vignette.torch.TransformerRules.MOST_EPSILON;
import static dev.vignette.torch.TransformerRules.MOST_PIXELS;
import static dev.vignette.torch.TransformerRules.MOST_TOKENS;

import dev.vignette.torch.Activation;
import dev.vignette.torch.JsonSettings;
import dev.vignette.torch.VisionShape;
import dev.vignette.weights.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The sizes of a CLIP model.
 *
 * @param vision shape of the image tower
 * @param text shape of the text tower
 * @param embedding channels of the common space
 */
record ClipConfig(VisionShape vision, TextShape text, int embedding) {
  private static final double DEFAULT_EPSILON = 1e-5;
  private static final int OLD_EOS = 2;

  /**
   * Reads Hugging Face's {@code config.json}; values that it leaves out are those of {@code
   * CLIPConfig} (transformers 5.17).
   */
  static ClipConfig read(Path folder) throws IOException {
    Path file = folder.resolve("config.json");
    if (!Files.isRegularFile(file)) {
      ModelFolder.requireEntry(folder);
      throw new IllegalArgumentException(
          "%s has no config.json; give the folder of a Hugging Face CLIP model".formatted(folder));
    }
    JsonSettings config = JsonSettings.read(file, "copy it from the published model");
    String type = config.text("model_type", "");
    if (!type.equals("clip")) {
      throw new IllegalArgumentException(
          "%s describes a model of type \"%s\"; it must be \"clip\"".formatted(file, type));
    }
    JsonSettings vision = part(config, "vision_config");
    JsonSettings text = part(config, "text_config");
    int embedding = config.size("projection_dim", 512, MOST_CHANNELS);
    return config.made(() -> new ClipConfig(vision(vision), text(text), embedding));
  }

  private static JsonSettings part(JsonSettings config, String name) {
    if (!config.has(name)) {
      throw new IllegalArgumentException(
          "%s has no \"%s\": {...}; %s".formatted(config.file(), name, config.remedy()));
    }
    return config.below(name);
  }

  private static VisionShape vision(JsonSettings settings) {
    return new VisionShape(
        settings.size("image_size", 224, MOST_PIXELS),
        settings.size("patch_size", 32, MOST_PIXELS),
        settings.size("hidden_size", 768, MOST_CHANNELS),
        settings.size("num_hidden_layers", 12, MOST_BLOCKS),
        settings.size("num_attention_heads", 12, MOST_CHANNELS),
        settings.size("intermediate_size", 3072, MOST_CHANNELS),
        Activation.named(settings.text("hidden_act", "quick_gelu")),
        settings.positive("layer_norm_eps", DEFAULT_EPSILON, MOST_EPSILON));
  }

  private static TextShape text(JsonSettings settings) {
    int vocabulary = settings.size("vocab_size", 49408, MOST_TOKENS);
    int end = settings.integer("eos_token_id", vocabulary - 1);
    return new TextShape(
        vocabulary,
        settings.size("max_position_embeddings", 77, MOST_CHANNELS),
        settings.size("hidden_size", 512, MOST_CHANNELS),
        settings.size("num_hidden_layers", 12, MOST_BLOCKS),
        settings.size("num_attention_heads", 8, MOST_CHANNELS),
        settings.size("intermediate_size", 2048, MOST_CHANNELS),
        Activation.named(settings.text("hidden_act", "quick_gelu")),
        settings.positive("layer_norm_eps", DEFAULT_EPSILON, MOST_EPSILON),
        // OpenAI's published configurations say 2 and mean the last token of the vocabulary.
        end == OLD_EOS ? vocabulary - 1 : end);
  }
}
