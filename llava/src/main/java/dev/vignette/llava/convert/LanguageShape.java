package dev.vignette.llava.convert;

import dev.vignette.llava.convert.LlavaConversion.ConversionException;
import dev.vignette.weights.JsonObject;
import java.util.Locale;
import java.util.Optional;

/**
 * What a LLaMA is, from its configuration; what that leaves out is what transformers' LlamaConfig
 * (5.17) takes.
 *
 * @param vocabulary rows of the token embeddings
 * @param width of the token embeddings
 * @param hidden width between the maps of a block's MLP
 * @param blocks transformer blocks
 * @param heads query heads
 * @param keyHeads key and value heads, of which {@code heads} is a multiple
 * @param headWidth width of one head, even
 * @param context tokens it was trained on at once
 * @param epsilon of the root mean square norms
 * @param ropeBase base of the rotary frequencies
 * @param ropeScaling how they were stretched, nothing for LLaVA-1.5
 * @param tied whether the output map is the token embeddings
 */
record LanguageShape(
    int vocabulary,
    int width,
    int hidden,
    int blocks,
    int heads,
    int keyHeads,
    int headWidth,
    int context,
    float epsilon,
    float ropeBase,
    Optional<RopeScaling> ropeScaling,
    boolean tied) {

  private static final int MAX_BLOCKS = 512;
  private static final int MAX_WIDTH = 1 << 20;

  /**
   * Frequencies stretched as Llama 3.1 does it.
   *
   * @param factor by which low frequencies are divided
   * @param low wavelengths longer than {@code original / low} are divided by the whole factor
   * @param high wavelengths shorter than {@code original / high} are left alone
   * @param original tokens it was trained on at once before
   */
  record RopeScaling(double factor, double low, double high, double original) {

    /**
     * What each frequency is divided by, llama.cpp's {@code rope_freqs.weight} (formula of
     * transformers 5.17, modeling_rope_utils.py, _compute_llama3_parameters).
     *
     * @return {@code headWidth / 2} numbers
     */
    float[] divisors(int headWidth, double base) {
      float[] divisors = new float[headWidth / 2];
      for (int i = 0; i < divisors.length; i++) {
        float frequency = 1 / (float) Math.pow(base, (float) (2 * i) / headWidth);
        double wavelength = 2 * Math.PI / frequency;
        if (wavelength < original / high) {
          divisors[i] = 1;
        } else if (wavelength > original / low) {
          divisors[i] = (float) factor;
        } else {
          double smooth = (original / wavelength - low) / (high - low);
          divisors[i] = (float) (1 / ((1 - smooth) / factor + smooth));
        }
      }
      return divisors;
    }
  }

  static LanguageShape read(JsonObject config, boolean tied) {
    String type = config.text("model_type").orElse("llama");
    if (!type.equals("llama") && !type.startsWith("llava")) {
      throw new ConversionException(
          "%s: the language model is of the kind \"%s\"; a LLaMA (\"llama\") is needed"
              .formatted(config.place(), type));
    }
    requireValue(config, "hidden_act", "silu");
    int width = number(config, "hidden_size", 4096, MAX_WIDTH);
    int heads = number(config, "num_attention_heads", 32, width);
    int keyHeads = number(config, "num_key_value_heads", heads, heads);
    int headWidth = number(config, "head_dim", width / heads, width);
    if (heads % keyHeads != 0
        || headWidth % 2 != 0
        || headWidth < 2
        || (long) heads * headWidth > MAX_WIDTH) {
      throw new ConversionException(
          "%s: %d heads of width %d and %d for keys; the width must be even, from 2 up to %d for all heads together, the first number a multiple of the last"
              .formatted(config.place(), heads, headWidth, keyHeads, MAX_WIDTH));
    }
    JsonObject rope =
        config
            .object("rope_parameters")
            .or(() -> config.object("rope_scaling"))
            .orElse(JsonObject.empty(config.place()));
    return new LanguageShape(
        number(config, "vocab_size", 32000, 1 << 24),
        width,
        number(config, "intermediate_size", 11008, MAX_WIDTH),
        number(config, "num_hidden_layers", 32, MAX_BLOCKS),
        heads,
        keyHeads,
        headWidth,
        number(config, "max_position_embeddings", 2048, Integer.MAX_VALUE),
        positive(config, "rms_norm_eps", 1e-6),
        positive(rope.has("rope_theta") ? rope : config, "rope_theta", 10000),
        ropeScaling(rope),
        config.flag("tie_word_embeddings").orElse(tied));
  }

  private static Optional<RopeScaling> ropeScaling(JsonObject rope) {
    String type = rope.text("rope_type").or(() -> rope.text("type")).orElse("default");
    return switch (type.toLowerCase(Locale.ROOT)) {
      case "default" -> Optional.empty();
      case "llama3" -> Optional.of(llama3(rope));
      default ->
          throw new ConversionException(
              "%s: rotary frequencies are scaled by \"%s\"; only \"default\" and \"llama3\" are known"
                  .formatted(rope.place(), type));
    };
  }

  private static RopeScaling llama3(JsonObject rope) {
    float low = positive(rope, "low_freq_factor", 1);
    float high = positive(rope, "high_freq_factor", 4);
    if (low >= high) {
      throw new ConversionException(
          "%s: \"low_freq_factor\" is %s, but must be below \"high_freq_factor\", which is %s"
              .formatted(rope.place(), low, high));
    }
    return new RopeScaling(
        positive(rope, "factor", 8),
        low,
        high,
        positive(rope, "original_max_position_embeddings", 8192));
  }

  static void requireValue(JsonObject config, String name, String wanted) {
    String value = config.text(name).orElse(wanted);
    if (!value.equals(wanted)) {
      throw new ConversionException(
          "%s: \"%s\" is \"%s\"; only \"%s\" can be converted"
              .formatted(config.place(), name, value, wanted));
    }
  }

  /** A number over 0 that stays one in 32 bits. */
  static float positive(JsonObject config, String name, double otherwise) {
    double value = config.number(name).orElse(otherwise);
    if (!((float) value > 0 && Float.isFinite((float) value))) {
      throw new ConversionException(
          "%s, \"%s\" is %s, but must lie between %s and %s; usual is %s"
              .formatted(config.place(), name, value, Float.MIN_VALUE, Float.MAX_VALUE, otherwise));
    }
    return (float) value;
  }

  static int number(JsonObject config, String name, int otherwise, int most) {
    return config.has(name) ? (int) config.requireWholeNumber(name, 1, most) : otherwise;
  }
}
