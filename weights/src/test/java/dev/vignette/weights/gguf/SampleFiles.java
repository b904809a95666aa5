package dev.vignette.weights.gguf;

/** The smallest files that pass as a language model and its projector, to be broken. */
final class SampleFiles {

  static final int EMBEDDING_LENGTH = 64;

  private SampleFiles() {}

  static GgufFixture languageModel() {
    return new GgufFixture()
        .text("general.architecture", "llama")
        .text("general.name", "Sample")
        .uint32("llama.context_length", 512)
        .uint32("llama.embedding_length", EMBEDDING_LENGTH)
        .uint32("llama.block_count", 2)
        .text("tokenizer.ggml.model", "llama")
        .strings("tokenizer.ggml.tokens", "<unk>", "<s>", "</s>", "a")
        .float32s("tokenizer.ggml.scores", 0, 0, 0, -1)
        .uint32("general.file_type", 7)
        .tensor("token_embd.weight", GgufFixture.Storage.Q8_0, EMBEDDING_LENGTH, 4)
        .tensor("output_norm.weight", GgufFixture.Storage.F32, EMBEDDING_LENGTH)
        .tensor("odd", GgufFixture.Storage.F32, 3);
  }

  /** Images of 28 pixels in patches of 14, a tower of width 8 with one block. */
  static GgufFixture projector() {
    GgufFixture writer =
        new GgufFixture()
            .text("general.architecture", "clip")
            .flag("clip.has_vision_encoder", true)
            .text("clip.projector_type", "mlp")
            .flag("clip.use_gelu", false)
            .uint32("general.file_type", 1)
            .uint32("clip.vision.image_size", 28)
            .uint32("clip.vision.patch_size", 14)
            .uint32("clip.vision.embedding_length", 8)
            .uint32("clip.vision.feed_forward_length", 16)
            .uint32("clip.vision.attention.head_count", 2)
            .uint32("clip.vision.block_count", 1)
            .uint32("clip.vision.projection_dim", 768)
            .float32("clip.vision.attention.layer_norm_epsilon", 1e-5f)
            .float32s("clip.vision.image_mean", 0.5f, 0.25f, 0.125f)
            .float32s("clip.vision.image_std", 0.25f, 0.5f, 1)
            .tensor("v.class_embd", GgufFixture.Storage.F32, 8)
            .tensor("v.patch_embd.weight", GgufFixture.Storage.F16, 14, 14, 3, 8)
            .tensor("v.position_embd.weight", GgufFixture.Storage.F32, 8, 5)
            .tensor("v.pre_ln.weight", GgufFixture.Storage.F32, 8)
            .tensor("v.pre_ln.bias", GgufFixture.Storage.F32, 8);
    for (String part : new String[] {"attn_q", "attn_k", "attn_v", "attn_out"}) {
      writer.tensor("v.blk.0." + part + ".weight", GgufFixture.Storage.F16, 8, 8);
      writer.tensor("v.blk.0." + part + ".bias", GgufFixture.Storage.F32, 8);
    }
    return writer
        .tensor("v.blk.0.ffn_up.weight", GgufFixture.Storage.F16, 8, 16)
        .tensor("v.blk.0.ffn_up.bias", GgufFixture.Storage.F32, 16)
        .tensor("v.blk.0.ffn_down.weight", GgufFixture.Storage.F16, 16, 8)
        .tensor("v.blk.0.ffn_down.bias", GgufFixture.Storage.F32, 8)
        .tensor("mm.0.weight", GgufFixture.Storage.F16, 8, 32)
        .tensor("mm.0.bias", GgufFixture.Storage.F32, 32)
        .tensor("mm.2.weight", GgufFixture.Storage.F16, 32, EMBEDDING_LENGTH)
        .tensor("mm.2.bias", GgufFixture.Storage.F32, EMBEDDING_LENGTH);
  }
}
