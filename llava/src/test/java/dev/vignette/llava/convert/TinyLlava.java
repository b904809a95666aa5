package dev.vignette.llava.convert;

import dev.vignette.weights.ElementType;
import dev.vignette.weights.Safetensors;
import dev.vignette.weights.TensorData;
import dev.vignette.weights.TensorShape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** A folder with a LLaVA of a few kilobytes, whose numbers follow from their names and places. */
final class TinyLlava {

  static final int WIDTH = 32;
  static final int HEADS = 4;
  static final int KEY_HEADS = 2;
  static final int HEAD_WIDTH = 8;
  static final int VOCABULARY = 300;

  static final String CONFIG =
      """
      {"architectures": ["LlavaForConditionalGeneration"], "model_type": "llava", "image_token_index": 262,
       "pad_token_id": 263,
       "text_config": {"model_type": "llama", "vocab_size": 300, "hidden_size": 32, "intermediate_size": 64,
         "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
         "max_position_embeddings": 256},
       "vision_config": {"model_type": "clip_vision_model", "hidden_size": 16, "intermediate_size": 32,
         "num_hidden_layers": 3, "num_attention_heads": 2, "image_size": 28, "patch_size": 14},
       "vision_feature_layer": -2, "vision_feature_select_strategy": "default"}
      """;

  private static final int TOWER_WIDTH = 16;

  final Path folder;
  SequencedMap<String, TensorData> tensors = new LinkedHashMap<>();

  private TinyLlava(Path folder) {
    this.folder = folder;
  }

  /** Configuration, tokenizer and the tensors' table; the weights are still to be written. */
  static TinyLlava in(Path folder) throws IOException {
    Files.createDirectories(folder);
    TinyLlava llava = new TinyLlava(folder);
    Files.writeString(folder.resolve("config.json"), CONFIG);
    Files.write(folder.resolve("tokenizer.model"), tokenizer());
    llava.addLanguage();
    llava.addTower();
    llava.add("multi_modal_projector.linear_1.weight", WIDTH, TOWER_WIDTH);
    llava.add("multi_modal_projector.linear_1.bias", WIDTH);
    llava.add("multi_modal_projector.linear_2.weight", WIDTH, WIDTH);
    llava.add("multi_modal_projector.linear_2.bias", WIDTH);
    return llava;
  }

  private void addLanguage() {
    add("language_model.model.embed_tokens.weight", VOCABULARY, WIDTH);
    for (int block = 0; block < 2; block++) {
      String prefix = "language_model.model.layers." + block + ".";
      add(prefix + "self_attn.q_proj.weight", HEADS * HEAD_WIDTH, WIDTH);
      add(prefix + "self_attn.k_proj.weight", KEY_HEADS * HEAD_WIDTH, WIDTH);
      add(prefix + "self_attn.v_proj.weight", KEY_HEADS * HEAD_WIDTH, WIDTH);
      add(prefix + "self_attn.o_proj.weight", WIDTH, HEADS * HEAD_WIDTH);
      add(prefix + "self_attn.rotary_emb.inv_freq", HEAD_WIDTH / 2);
      add(prefix + "mlp.gate_proj.weight", 64, WIDTH);
      add(prefix + "mlp.up_proj.weight", 64, WIDTH);
      add(prefix + "mlp.down_proj.weight", WIDTH, 64);
      add(prefix + "input_layernorm.weight", WIDTH);
      add(prefix + "post_attention_layernorm.weight", WIDTH);
    }
    add("language_model.model.norm.weight", WIDTH);
    add("language_model.lm_head.weight", VOCABULARY, WIDTH);
  }

  private void addTower() {
    String tower = "vision_tower.vision_model.";
    add(tower + "embeddings.class_embedding", TOWER_WIDTH);
    add(tower + "embeddings.patch_embedding.weight", TOWER_WIDTH, 3, 14, 14);
    add(tower + "embeddings.position_embedding.weight", 5, TOWER_WIDTH);
    addBoth(tower + "pre_layrnorm", TOWER_WIDTH);
    for (int block = 0; block < 3; block++) {
      String prefix = tower + "encoder.layers." + block + ".";
      for (String part : List.of("q_proj", "k_proj", "v_proj", "out_proj")) {
        addBoth(prefix + "self_attn." + part, TOWER_WIDTH, TOWER_WIDTH);
      }
      addBoth(prefix + "mlp.fc1", 32, TOWER_WIDTH);
      addBoth(prefix + "mlp.fc2", TOWER_WIDTH, 32);
      addBoth(prefix + "layer_norm1", TOWER_WIDTH);
      addBoth(prefix + "layer_norm2", TOWER_WIDTH);
    }
    addBoth(tower + "post_layernorm", TOWER_WIDTH);
  }

  private void addBoth(String name, long... shape) {
    add(name + ".weight", shape);
    add(name + ".bias", shape[0]);
  }

  /** Adds a tensor, or puts it in the place of the one of its name. */
  void add(String name, long... shape) {
    TensorShape dimensions = TensorShape.of(shape);
    tensors.put(
        name, new TensorData(ElementType.F16, dimensions, () -> halves(name, dimensions.size())));
  }

  private static ByteBuffer halves(String name, long count) {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) count * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      bytes.putShort(half(name, i));
    }
    return bytes.flip();
  }

  /** The float16 at a place of a tensor, by the name without what comes before its last parts. */
  static short half(String name, int index) {
    String[] parts = name.split("\\.");
    int seed = (parts[parts.length - 2] + parts[parts.length - 1]).hashCode();
    return Float.floatToFloat16(Math.floorMod(seed + index * 7919, 2001) / 1000f - 1);
  }

  /** Replaces a text in the configuration. */
  TinyLlava config(String old, String replacement) throws IOException {
    Path file = folder.resolve("config.json");
    String text = Files.readString(file);
    if (!text.contains(old)) {
      throw new IllegalArgumentException("config.json has no " + old);
    }
    Files.writeString(file, text.replace(old, replacement));
    return this;
  }

  TinyLlava renamed(UnaryOperator<String> names) {
    SequencedMap<String, TensorData> renamed = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> renamed.put(names.apply(name), tensor));
    tensors = renamed;
    return this;
  }

  TinyLlava put(String name, ElementType type, TensorShape shape, ByteBuffer bytes) {
    tensors.put(name, new TensorData(type, shape, bytes::duplicate));
    return this;
  }

  /** Writes all tensors into one file. */
  TinyLlava write() throws IOException {
    Safetensors.write(folder.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
    return this;
  }

  /** Writes the tensors into three files with an index. */
  TinyLlava writeShards() throws IOException {
    Map<String, String> index = new LinkedHashMap<>();
    for (int shard = 0; shard < 3; shard++) {
      String file = "model-0000%d-of-00003.safetensors".formatted(shard + 1);
      SequencedMap<String, TensorData> part = new LinkedHashMap<>();
      int number = 0;
      for (var tensor : tensors.entrySet()) {
        if (number++ % 3 == shard) {
          part.put(tensor.getKey(), tensor.getValue());
          index.put(tensor.getKey(), file);
        }
      }
      Safetensors.write(folder.resolve(file), part, Map.of());
    }
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        index.entrySet().stream()
            .map(entry -> "\"%s\": \"%s\"".formatted(entry.getKey(), entry.getValue()))
            .collect(Collectors.joining(", ", "{\"metadata\": {}, \"weight_map\": {", "}}")));
    return this;
  }

  /**
   * A SentencePiece model: the three tokens of LLaMA, 256 bytes, three pieces. (Messages of the
   * protocol buffer: pieces under 1, the trainer's settings under 2.)
   */
  static byte[] tokenizer() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    piece(out, "<unk>", 0, 2);
    piece(out, "<s>", 0, 3);
    piece(out, "</s>", 0, 3);
    for (int b = 0; b < 256; b++) {
      piece(out, "<0x%02X>".formatted(b), 0, 6);
    }
    piece(out, "\u2581a", -0f, 1);
    piece(out, "\u2581", -1, 1);
    piece(out, "a", -2, 1);
    out.writeBytes(new byte[] {0x12, 2, 0x18, 2}); // trainer_spec: model_type 2, BPE
    return out.toByteArray();
  }

  private static void piece(ByteArrayOutputStream out, String text, float score, int type) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer message = ByteBuffer.allocate(utf8.length + 9).order(ByteOrder.LITTLE_ENDIAN);
    message.put((byte) 0x0A).put((byte) utf8.length).put(utf8);
    message.put((byte) 0x15).putFloat(score).put((byte) 0x18).put((byte) type);
    out.write(0x0A);
    out.write(message.capacity());
    out.writeBytes(message.array());
  }
}
