package dev.vignette.llava.convert;

import static dev.vignette.llava.convert.LanguageShape.number;
import static dev.vignette.llava.convert.LanguageShape.positive;

import dev.vignette.llava.convert.LlavaConversion.ConversionException;
import dev.vignette.weights.JsonObject;

/**
 * What a vision tower is, from its configuration; what that leaves out is what transformers' (5.18)
 * CLIPVisionConfig and SiglipVisionConfig take.
 *
 * @param kind whose tower it is
 * @param width of the embeddings
 * @param hidden width between the maps of a block's MLP
 * @param blocks transformer blocks
 * @param heads attention heads
 * @param imageSize pixels of a side
 * @param patchSize pixels of a patch's side
 * @param epsilon of the layer norms
 */
record TowerShape(
    Kind kind,
    int width,
    int hidden,
    int blocks,
    int heads,
    int imageSize,
    int patchSize,
    float epsilon) {

  private static final int MAX_BLOCKS = 512;
  private static final int MAX_SIDE = 8192;

  /** The towers that a LLaVA looks through. */
  enum Kind {
    /** CLIP's: a class embedding before the patches, a norm before the blocks. */
    CLIP("clip_vision_model", "quick_gelu"),
    /** SigLIP's, which JoyCaption has: neither, but patches with a bias. */
    SIGLIP("siglip_vision_model", "gelu_pytorch_tanh");

    private final String type;
    private final String activation;

    Kind(String type, String activation) {
      this.type = type;
      this.activation = activation;
    }

    private static Kind of(JsonObject config) {
      String type = config.requireText("model_type");
      for (Kind kind : values()) {
        if (kind.type.equals(type)) {
          return kind;
        }
      }
      throw new ConversionException(
          "%s: the vision tower is of the kind \"%s\"; only CLIP's (\"%s\") and SigLIP's (\"%s\") can be converted"
              .formatted(config.place(), type, CLIP.type, SIGLIP.type));
    }
  }

  static TowerShape read(JsonObject config) {
    Kind kind = Kind.of(config);
    LanguageShape.requireValue(config, "hidden_act", kind.activation);
    if (number(config, "num_channels", 3, Integer.MAX_VALUE) != 3) {
      throw new ConversionException(config.place() + ": images of three channels are needed");
    }
    int width = number(config, "hidden_size", 768, 1 << 20);
    int heads = number(config, "num_attention_heads", 12, 1 << 20);
    int image = number(config, "image_size", 224, MAX_SIDE);
    int patch = number(config, "patch_size", kind == Kind.CLIP ? 32 : 16, MAX_SIDE);
    if (width % heads != 0 || image < patch) {
      throw new ConversionException(
          "%s: %d heads in a width of %d, patches of %d pixels in %d; heads must divide the width, and a patch fit"
              .formatted(config.place(), heads, width, patch, image));
    }
    return new TowerShape(
        kind,
        width,
        number(config, "intermediate_size", 3072, 1 << 20),
        number(config, "num_hidden_layers", 12, MAX_BLOCKS),
        heads,
        image,
        patch,
        positive(config, "layer_norm_eps", kind == Kind.CLIP ? 1e-5 : 1e-6));
  }

  /** The tower of LLaVA-1.5, which its configuration may leave out: CLIP ViT-L/14 at 336 pixels. */
  static TowerShape ofLlava15() {
    return new TowerShape(Kind.CLIP, 1024, 4096, 24, 16, 336, 14, 1e-5f);
  }

  /** Whether an embedding of no patch stands before the patches'. */
  boolean hasClassEmbedding() {
    return kind == Kind.CLIP;
  }

  /** Rows of the position embeddings: the class embedding's if there is one, then the patches'. */
  int positions() {
    int side = imageSize / patchSize;
    return side * side + (hasClassEmbedding() ? 1 : 0);
  }
}
