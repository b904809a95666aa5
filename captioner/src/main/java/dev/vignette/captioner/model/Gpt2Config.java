package dev.vignette.captioner.model;

import static dev.vignette.torch.TransformerRules.MOST_BLOCKS;
import static dev.vignette.torch.TransformerRules.MOST_CHANNELS;
import static dev.vignette.torch.TransformerRules.MOST_EPSILON;
import static dev.vignette.torch.TransformerRules.MOST_TOKENS;

import dev.vignette.torch.JsonSettings;
import dev.vignette.torch.TransformerRules;
import dev.vignette.weights.TensorFile;
import dev.vignette.weights.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The sizes of a GPT-2.
 *
 * @param vocabulary number of tokens
 * @param positions longest text in tokens
 * @param width channels
 * @param depth number of blocks
 * @param heads attention heads of a block
 * @param hidden channels inside the feed-forward layer
 * @param epsilon of the layer norms
 * @param endToken begins and ends every caption
 */
public record Gpt2Config(
    int vocabulary,
    int positions,
    int width,
    int depth,
    int heads,
    int hidden,
    double epsilon,
    int endToken) {
  private static final int HEAD_WIDTH = 64;
  static final String REMEDY = "get it again from where GPT-2 was published";

  public Gpt2Config {
    TransformerRules.requireText(
        vocabulary, positions, width, depth, heads, hidden, epsilon, endToken);
  }

  /**
   * Reads {@code config.json} of a folder; without one, the sizes are those of the weights, with
   * heads of 64 channels and the last token as end (as in all published GPT-2).
   */
  public static Gpt2Config read(Path folder, TensorFile weights) throws IOException {
    Path file = folder.resolve("config.json");
    return Files.isRegularFile(file) ? read(file) : infer(weights);
  }

  /** Reads Hugging Face's {@code config.json}. */
  public static Gpt2Config read(Path file) throws IOException {
    JsonSettings settings = JsonSettings.read(file, REMEDY);
    String type = settings.text("model_type", "gpt2");
    String activation = settings.text("activation_function", "gelu_new");
    if (!type.equals("gpt2") || !activation.equals("gelu_new")) {
      throw new IllegalArgumentException(
          "%s describes a %s with activation %s; the decoder must be a gpt2 with gelu_new"
              .formatted(file, type, activation));
    }
    requirePlainAttention(settings);
    int width = settings.size("n_embd", MOST_CHANNELS);
    int vocabulary = settings.size("vocab_size", MOST_TOKENS);
    int positions = settings.size("n_positions", 1024, MOST_CHANNELS);
    int depth = settings.size("n_layer", MOST_BLOCKS);
    int heads = settings.size("n_head", MOST_CHANNELS);
    int hidden = settings.size("n_inner", 4 * width, MOST_CHANNELS);
    double epsilon = settings.positive("layer_norm_epsilon", 1e-5, MOST_EPSILON);
    int end = settings.integer("eos_token_id", vocabulary - 1);
    return settings.made(
        () -> new Gpt2Config(vocabulary, positions, width, depth, heads, hidden, epsilon, end));
  }

  /**
   * Refuses attention that is scaled otherwise. {@code reorder_and_upcast_attn} changes the order
   * of operations only.
   */
  private static void requirePlainAttention(JsonSettings settings) {
    if (settings.flag("scale_attn_by_inverse_layer_idx", false)) {
      throw new IllegalArgumentException(
          "%s sets scale_attn_by_inverse_layer_idx to true; only attention scaled by 1/√(head width) in every layer is supported, so take a GPT-2 trained with false"
              .formatted(settings.file()));
    }
    if (!settings.flag("scale_attn_weights", true)) {
      throw new IllegalArgumentException(
          "%s sets scale_attn_weights to false; only attention scaled by 1/√(head width) is supported, so take a GPT-2 trained with true"
              .formatted(settings.file()));
    }
  }

  /** One of OpenAI's published sizes by its Hugging Face name. */
  public static Gpt2Config named(String name) {
    return switch (name) {
      case "gpt2" -> published(768, 12, 12);
      case "gpt2-medium" -> published(1024, 24, 16);
      case "gpt2-large" -> published(1280, 36, 20);
      case "gpt2-xl" -> published(1600, 48, 25);
      default ->
          throw new IllegalArgumentException(
              "There is neither a folder %s nor a published GPT-2 of this name; give a folder, or one of gpt2, gpt2-medium, gpt2-large, gpt2-xl"
                  .formatted(name));
    };
  }

  private static Gpt2Config published(int width, int depth, int heads) {
    return new Gpt2Config(50257, 1024, width, depth, heads, 4 * width, 1e-5, 50256);
  }

  private static Gpt2Config infer(TensorFile weights) {
    TensorInfo tokens = find(weights, "wte.weight");
    TensorInfo positions = find(weights, "wpe.weight");
    int depth = 0;
    while (has(weights, "h.%d.ln_1.weight".formatted(depth))) {
      depth++;
    }
    int width = (int) tokens.shape().get(1);
    int vocabulary = (int) tokens.shape().get(0);
    TensorInfo up = find(weights, "h.0.mlp.c_fc.weight");
    return new Gpt2Config(
        vocabulary,
        (int) positions.shape().get(0),
        width,
        depth,
        Math.max(1, width / HEAD_WIDTH),
        (int) up.shape().get(1),
        1e-5,
        vocabulary - 1);
  }

  private static TensorInfo find(TensorFile weights, String name) {
    if (!has(weights, name)) {
      throw new IllegalArgumentException(
          "%s has no %s, so its sizes are unknown; put GPT-2's config.json beside it"
              .formatted(weights.path(), name));
    }
    return weights.tensors().containsKey(name)
        ? weights.info(name)
        : weights.info(Gpt2Weights.PREFIX + name);
  }

  private static boolean has(TensorFile weights, String name) {
    return weights.tensors().containsKey(name)
        || weights.tensors().containsKey(Gpt2Weights.PREFIX + name);
  }
}
