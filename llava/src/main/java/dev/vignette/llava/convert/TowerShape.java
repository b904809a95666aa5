package dev.vignette.llava.convert;

import static dev.vignette.llava.convert.LanguageShape.number;

import dev.vignette.weights.JsonObject;

/**
 * What a vision tower is, from its configuration; what that leaves out is what transformers' (5.17)
 * CLIPVisionConfig or SiglipVisionConfig takes.
 *
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

  /** The families of towers. */
  enum Kind {
    /** A class embedding before the patches, a norm before the blocks, quick GELU. */
    CLIP,
    /** Neither of the first two, a bias to the patches, GELU by tanh. */
    SIGLIP
  }

  static TowerShape read(JsonObject config) {
    String type = config.requireText("model_type");
    return switch (type) {
      case "clip_vision_model" -> read(config, Kind.CLIP, 32, 1e-5, "quick_gelu");
      case "siglip_vision_model" -> read(config, Kind.SIGLIP, 16, 1e-6, "gelu_pytorch_tanh");
      default ->
          throw new ConversionException(
              "%s: the vision tower is of the kind \"%s\"; CLIP's (\"clip_vision_model\") and SigLIP's (\"siglip_vision_model\") can be converted"
                  .formatted(config.place(), type));
    };
  }

  private static TowerShape read(
      JsonObject config, Kind kind, int patchSize, double epsilon, String activation) {
    LanguageShape.requireValue(config, "hidden_act", activation);
    if (number(config, "num_channels", 3, Integer.MAX_VALUE) != 3) {
      throw new ConversionException(config.place() + ": images of three channels are needed");
    }
    int width = number(config, "hidden_size", 768, 1 << 20);
    int heads = number(config, "num_attention_heads", 12, 1 << 20);
    int image = number(config, "image_size", 224, MAX_SIDE);
    int patch = number(config, "patch_size", patchSize, MAX_SIDE);
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
        (float) config.number("layer_norm_eps").orElse(epsilon));
  }

  /** The tower of LLaVA-1.5, which its configuration may leave out: CLIP ViT-L/14 at 336 pixels. */
  static TowerShape ofLlava15() {
    return new TowerShape(Kind.CLIP, 1024, 4096, 24, 16, 336, 14, 1e-5f);
  }

  boolean hasClassEmbedding() {
    return kind == Kind.CLIP;
  }

  /** Rows of the position embeddings. */
  int positions() {
    int side = imageSize / patchSize;
    return side * side + (hasClassEmbedding() ? 1 : 0);
  }
}
