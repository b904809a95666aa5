package dev.vignette.torch.clip;

import dev.vignette.torch.Activation;
import dev.vignette.torch.JsonSettings;
import dev.vignette.torch.VisionShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

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
      throw new IllegalArgumentException(
          "%s has no config.json; give the folder of a Hugging Face CLIP model".formatted(folder));
    }
    JsonNode config = JsonSettings.read(file, "copy it from the published model").node();
    String type = config.path("model_type").asString("");
    if (!type.equals("clip")) {
      throw new IllegalArgumentException(
          "%s describes a model of type \"%s\"; it must be \"clip\"".formatted(file, type));
    }
    return new ClipConfig(
        vision(part(file, config, "vision_config")),
        text(part(file, config, "text_config")),
        config.path("projection_dim").asInt(512));
  }

  private static JsonNode part(Path file, JsonNode config, String name) {
    JsonNode part = config.path(name);
    if (!part.isObject()) {
      throw new IllegalArgumentException(
          "%s has no \"%s\": {...}; copy it from the published model".formatted(file, name));
    }
    return part;
  }

  private static VisionShape vision(JsonNode node) {
    return new VisionShape(
        node.path("image_size").asInt(224),
        node.path("patch_size").asInt(32),
        node.path("hidden_size").asInt(768),
        node.path("num_hidden_layers").asInt(12),
        node.path("num_attention_heads").asInt(12),
        node.path("intermediate_size").asInt(3072),
        Activation.named(node.path("hidden_act").asString("quick_gelu")),
        node.path("layer_norm_eps").asDouble(DEFAULT_EPSILON));
  }

  private static TextShape text(JsonNode node) {
    int vocabulary = node.path("vocab_size").asInt(49408);
    int end = node.path("eos_token_id").asInt(vocabulary - 1);
    return new TextShape(
        vocabulary,
        node.path("max_position_embeddings").asInt(77),
        node.path("hidden_size").asInt(512),
        node.path("num_hidden_layers").asInt(12),
        node.path("num_attention_heads").asInt(8),
        node.path("intermediate_size").asInt(2048),
        Activation.named(node.path("hidden_act").asString("quick_gelu")),
        node.path("layer_norm_eps").asDouble(DEFAULT_EPSILON),
        // OpenAI's published configurations say 2 and mean the last token of the vocabulary.
        end == OLD_EOS ? vocabulary - 1 : end);
  }
}
