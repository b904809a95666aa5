package dev.vignette.llava.convert;

import dev.vignette.weights.TensorShape;
import java.util.ArrayList;
import java.util.List;

/**
 * The tensors of the two files, in the order in which they are written: what each is called there
 * and here, and what has to happen to it. Names of llama.cpp v0.5.0 (gguf-py, constants.py).
 */
final class TensorPlan {

  /**
   * One tensor.
   *
   * @param name in {@link LlavaWeights}
   * @param target in the GGUF file
   * @param shape row-major
   * @param matrix whether it takes the file's type; others are float32
   * @param heads heads whose rows change places, because llama.cpp rotates neighbours where
   *     transformers rotates halves; 0 for none
   */
  record Planned(String name, String target, TensorShape shape, boolean matrix, int heads) {}

  private final List<Planned> tensors = new ArrayList<>();

  private TensorPlan() {}

  /** The language model's tensors. */
  static List<Planned> language(LanguageShape shape) {
    TensorPlan plan = new TensorPlan();
    int width = shape.width();
    plan.matrix("language.embed_tokens", "token_embd", shape.vocabulary(), width);
    plan.vector("language.norm.weight", "output_norm.weight", width);
    if (!shape.tied()) {
      plan.matrix("language.lm_head", "output", shape.vocabulary(), width);
    }
    int queries = shape.heads() * shape.headWidth();
    int keys = shape.keyHeads() * shape.headWidth();
    for (int block = 0; block < shape.blocks(); block++) {
      String from = "language.layers." + block + ".";
      String to = "blk." + block + ".";
      plan.vector(from + "input_layernorm.weight", to + "attn_norm.weight", width);
      plan.vector(from + "post_attention_layernorm.weight", to + "ffn_norm.weight", width);
      plan.rotated(from + "self_attn.q_proj", to + "attn_q", queries, width, shape.heads());
      plan.rotated(from + "self_attn.k_proj", to + "attn_k", keys, width, shape.keyHeads());
      plan.matrix(from + "self_attn.v_proj", to + "attn_v", keys, width);
      plan.matrix(from + "self_attn.o_proj", to + "attn_output", width, queries);
      plan.matrix(from + "mlp.gate_proj", to + "ffn_gate", shape.hidden(), width);
      plan.matrix(from + "mlp.up_proj", to + "ffn_up", shape.hidden(), width);
      plan.matrix(from + "mlp.down_proj", to + "ffn_down", width, shape.hidden());
    }
    return plan.tensors;
  }

  /** The tower's tensors up to the layer whose features are taken, and the projector's. */
  static List<Planned> projector(LlavaConfig config) {
    TensorPlan plan = new TensorPlan();
    TowerShape tower = config.tower();
    int width = tower.width();
    if (tower.hasClassEmbedding()) {
      plan.vector("tower.embeddings.class_embedding", "v.class_embd", width);
    }
    plan.tensors.add(
        new Planned(
            "tower.embeddings.patch_embedding.weight",
            "v.patch_embd.weight",
            TensorShape.of(width, 3, tower.patchSize(), tower.patchSize()),
            true,
            0));
    plan.tensors.add(
        new Planned(
            "tower.embeddings.position_embedding.weight",
            "v.position_embd.weight",
            TensorShape.of(tower.positions(), width),
            false,
            0));
    if (tower.kind() == TowerShape.Kind.CLIP) {
      plan.vector("tower.pre_layrnorm.weight", "v.pre_ln.weight", width); // CLIP's own spelling
      plan.vector("tower.pre_layrnorm.bias", "v.pre_ln.bias", width);
    } else {
      plan.vector("tower.embeddings.patch_embedding.bias", "v.patch_embd.bias", width);
    }
    for (int block = 0; block < config.featureLayer(); block++) {
      plan.towerBlock("tower.encoder.layers." + block + ".", "v.blk." + block + ".", tower);
    }
    int language = config.language().width();
    plan.matrix("projector.1", "mm.0", language, width);
    plan.vector("projector.1.bias", "mm.0.bias", language);
    plan.matrix("projector.2", "mm.2", language, language);
    plan.vector("projector.2.bias", "mm.2.bias", language);
    return plan.tensors;
  }

  private void towerBlock(String from, String to, TowerShape tower) {
    int width = tower.width();
    int hidden = tower.hidden();
    matrix(from + "self_attn.q_proj", to + "attn_q", width, width);
    matrix(from + "self_attn.k_proj", to + "attn_k", width, width);
    matrix(from + "self_attn.v_proj", to + "attn_v", width, width);
    matrix(from + "self_attn.out_proj", to + "attn_out", width, width);
    matrix(from + "mlp.fc1", to + "ffn_up", hidden, width);
    matrix(from + "mlp.fc2", to + "ffn_down", width, hidden);
    vector(from + "layer_norm1.weight", to + "ln1.weight", width);
    vector(from + "layer_norm2.weight", to + "ln2.weight", width);
    vector(from + "self_attn.q_proj.bias", to + "attn_q.bias", width);
    vector(from + "self_attn.k_proj.bias", to + "attn_k.bias", width);
    vector(from + "self_attn.v_proj.bias", to + "attn_v.bias", width);
    vector(from + "self_attn.out_proj.bias", to + "attn_out.bias", width);
    vector(from + "mlp.fc1.bias", to + "ffn_up.bias", hidden);
    vector(from + "mlp.fc2.bias", to + "ffn_down.bias", width);
    vector(from + "layer_norm1.bias", to + "ln1.bias", width);
    vector(from + "layer_norm2.bias", to + "ln2.bias", width);
  }

  private void matrix(String name, String target, long rows, long columns) {
    rotated(name, target, rows, columns, 0);
  }

  private void rotated(String name, String target, long rows, long columns, int heads) {
    tensors.add(
        new Planned(
            name + ".weight", target + ".weight", TensorShape.of(rows, columns), true, heads));
  }

  private void vector(String name, String target, long length) {
    tensors.add(new Planned(name, target, TensorShape.of(length), false, 0));
  }
}
