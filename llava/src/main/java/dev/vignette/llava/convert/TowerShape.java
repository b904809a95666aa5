package dev.vignette.llava.convert;

import static dev.vignette.llava.convert.LanguageShape.number;

import dev.vignette.weights.JsonObject;

/**
 * What a CLIP vision tower is, from its configuration; what that leaves out is what transformers'
 * (5.17) CLIPVisionConfig takes.
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
    int width, int hidden, int blocks, int heads, int imageSize, int patchSize, float epsilon) {

  private static final int MAX_BLOCKS = 512;
  private static final int MAX_SIDE = 8192;

  static TowerShape read(JsonObject config) {
    String type = config.requireText("model_type");
    if (!type.equals("clip_vision_model")) {
      String known =
          type.equals("siglip_vision_model")
              ? ", as JoyCaption has one: it sees images that are resized without a crop, which is not supported"
              : "";
      throw new ConversionException(
          "%s: the vision tower is of the kind \"%s\"%s; only CLIP's (\"clip_vision_model\") can be converted"
              .formatted(config.place(), type, known));
    }
    LanguageShape.requireValue(config, "hidden_act", "quick_gelu");
    if (number(config, "num_channels", 3, Integer.MAX_VALUE) != 3) {
      throw new ConversionException(config.place() + ": images of three channels are needed");
    }
    int width = number(config, "hidden_size", 768, 1 << 20);
    int heads = number(config, "num_attention_heads", 12, 1 << 20);
    int image = number(config, "image_size", 224, MAX_SIDE);
    int patch = number(config, "patch_size", 32, MAX_SIDE);
    if (width % heads != 0 || image < patch) {
      throw new ConversionException(
          "%s: %d heads in a width of %d, patches of %d pixels in %d; heads must divide the width, and a patch fit"
              .formatted(config.place(), heads, width, patch, image));
    }
    return new TowerShape(
        width,
        number(config, "intermediate_size", 3072, 1 << 20),
        number(config, "num_hidden_layers", 12, MAX_BLOCKS),
        heads,
        image,
        patch,
        (float) config.number("layer_norm_eps").orElse(1e-5));
  }

  /** The tower of LLaVA-1.5, which its configuration may leave out: CLIP ViT-L/14 at 336 pixels. */
  static TowerShape ofLlava15() {
    return new TowerShape(1024, 4096, 24, 16, 336, 14, 1e-5f);
  }

  /** Rows of the position embeddings: the class embedding's, then the patches'. */
  int positions() {
    int side = imageSize / patchSize;
    return side * side + 1;
  }
}
