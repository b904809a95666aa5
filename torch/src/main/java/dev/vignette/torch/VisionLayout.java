package dev.vignette.torch;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** How the published files of CLIP vision transformers name the same weights. */
public enum VisionLayout {
  /** timm's {@code VisionTransformer} with {@code pre_norm}. */
  TIMM("blocks.%d.", List.of("attn.qkv"), "norm1", "norm2", "attn.proj", "mlp.fc1", "mlp.fc2") {
    @Override
    List<String> embedding() {
      return List.of(
          "cls_token", "pos_embed", "patch_embed.proj.weight", "norm_pre.weight", "norm_pre.bias");
    }

    @Override
    List<String> norm() {
      return List.of("norm.weight", "norm.bias");
    }

    @Override
    Shape classShape(int width) {
      return new Shape(1, 1, width);
    }

    @Override
    Shape positionShape(int tokens, int width) {
      return new Shape(1, tokens, width);
    }
  },
  /** Hugging Face's {@code CLIPVisionTransformer}; its keys start with {@code vision_model.}. */
  HUGGING_FACE(
      "vision_model.encoder.layers.%d.",
      List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
      "layer_norm1",
      "layer_norm2",
      "self_attn.out_proj",
      "mlp.fc1",
      "mlp.fc2") {
    @Override
    List<String> embedding() {
      return List.of(
          "vision_model.embeddings.class_embedding",
          "vision_model.embeddings.position_embedding.weight",
          "vision_model.embeddings.patch_embedding.weight",
          "vision_model.pre_layrnorm.weight",
          "vision_model.pre_layrnorm.bias");
    }

    @Override
    List<String> norm() {
      return List.of("vision_model.post_layernorm.weight", "vision_model.post_layernorm.bias");
    }

    @Override
    Shape classShape(int width) {
      return new Shape(width);
    }

    @Override
    Shape positionShape(int tokens, int width) {
      return new Shape(tokens, width);
    }
  };

  private final BlockNames names;

  VisionLayout(
      String prefix,
      List<String> qkv,
      String norm1,
      String norm2,
      String projection,
      String up,
      String down) {
    names = new BlockNames(prefix, norm1, qkv, projection, norm2, up, down);
  }

  /** Class token, positions, patch convolution, the norm before the blocks. */
  abstract List<String> embedding();

  /** The norm after the blocks. */
  abstract List<String> norm();

  abstract Shape classShape(int width);

  abstract Shape positionShape(int tokens, int width);

  boolean splitQkv() {
    return names.qkv().size() == 3;
  }

  /** The weights of a block in {@link BlockScript}'s order. */
  List<String> block(int layer) {
    return names.keys(layer);
  }

  /** Every key of a transformer of this layout with its shape. */
  public SequencedMap<String, Shape> shapes(VisionShape shape) {
    int width = shape.width();
    SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
    List<String> embedding = embedding();
    List<Shape> embeddingShapes =
        List.of(
            classShape(width),
            positionShape(shape.tokens(), width),
            new Shape(width, 3, shape.patch(), shape.patch()),
            new Shape(width),
            new Shape(width));
    for (int i = 0; i < embedding.size(); i++) {
      shapes.put(embedding.get(i), embeddingShapes.get(i));
    }
    for (int layer = 0; layer < shape.depth(); layer++) {
      shapes.putAll(names.shapes(layer, width, shape.hidden()));
    }
    norm().forEach(name -> shapes.put(name, new Shape(width)));
    return shapes;
  }
}
