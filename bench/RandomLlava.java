import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Writes a LLaVA-1.5-7B of random float16 weights as Hugging Face publishes it: configuration, three shards and their
 * index. {@code java RandomLlava.java FOLDER [LANGUAGE_BLOCKS]}; 32 blocks are the 7B's 14.1 GB. The tokenizer is the
 * caller's to add.
 */
public class RandomLlava {
  private static final int WIDTH = 4096, HIDDEN = 11008, VOCABULARY = 32064;
  private static final int TOWER = 1024, TOWER_HIDDEN = 4096;
  private static final int POOL_BYTES = 1 << 24;

  /** Tokens that the miniature's tokenizer has a text for; the output map knows no others, so that a caption is a text. */
  private static final int SPOKEN = 760;

  private record Tensor(String name, List<Integer> shape) {
    long bytes() {
      return shape.stream().mapToLong(Integer::longValue).reduce(2, (a, b) -> a * b);
    }
  }

  private final List<Tensor> tensors = new ArrayList<>();
  private final SplittableRandom random = new SplittableRandom(7);
  private final ByteBuffer pool = ByteBuffer.allocateDirect(POOL_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    int blocks = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 32;
    RandomLlava llava = new RandomLlava();
    while (llava.pool.hasRemaining()) {
      llava.pool.putShort(Float.floatToFloat16((float) (llava.random.nextGaussian() * 0.02)));
    }
    llava.describe(blocks);
    llava.write(folder);
    Files.writeString(folder.resolve("config.json"), config(blocks));
  }

  private static String config(int blocks) {
    return """
    {"architectures": ["LlavaForConditionalGeneration"], "model_type": "llava", "image_token_index": 32000, "pad_token_id": 32001,
     "text_config": {"model_type": "llama", "vocab_size": 32064, "num_hidden_layers": %d, "rms_norm_eps": 1e-05, "max_position_embeddings": 4096},
     "vision_config": {"model_type": "clip_vision_model", "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24,
       "num_attention_heads": 16, "image_size": 336, "patch_size": 14},
     "vision_feature_layer": -2, "vision_feature_select_strategy": "default"}
    """.formatted(blocks);
  }

  private void describe(int blocks) {
    add("language_model.model.embed_tokens.weight", VOCABULARY, WIDTH);
    for (int i = 0; i < blocks; i++) {
      String block = "language_model.model.layers." + i + ".";
      for (String part : List.of("q_proj", "k_proj", "v_proj", "o_proj")) {
        add(block + "self_attn." + part + ".weight", WIDTH, WIDTH);
      }
      add(block + "mlp.gate_proj.weight", HIDDEN, WIDTH);
      add(block + "mlp.up_proj.weight", HIDDEN, WIDTH);
      add(block + "mlp.down_proj.weight", WIDTH, HIDDEN);
      add(block + "input_layernorm.weight", WIDTH);
      add(block + "post_attention_layernorm.weight", WIDTH);
    }
    add("language_model.model.norm.weight", WIDTH);
    add("language_model.lm_head.weight", VOCABULARY, WIDTH);
    String tower = "vision_tower.vision_model.";
    add(tower + "embeddings.class_embedding", TOWER);
    add(tower + "embeddings.patch_embedding.weight", TOWER, 3, 14, 14);
    add(tower + "embeddings.position_embedding.weight", 577, TOWER);
    both(tower + "pre_layrnorm", TOWER);
    for (int i = 0; i < 24; i++) {
      String block = tower + "encoder.layers." + i + ".";
      for (String part : List.of("q_proj", "k_proj", "v_proj", "out_proj")) {
        both(block + "self_attn." + part, TOWER, TOWER);
      }
      both(block + "mlp.fc1", TOWER_HIDDEN, TOWER);
      both(block + "mlp.fc2", TOWER, TOWER_HIDDEN);
      both(block + "layer_norm1", TOWER);
      both(block + "layer_norm2", TOWER);
    }
    both(tower + "post_layernorm", TOWER);
    both("multi_modal_projector.linear_1", WIDTH, TOWER);
    both("multi_modal_projector.linear_2", WIDTH, WIDTH);
  }

  private void both(String name, Integer... shape) {
    add(name + ".weight", shape);
    add(name + ".bias", shape[0]);
  }

  private void add(String name, Integer... shape) {
    tensors.add(new Tensor(name, List.of(shape)));
  }

  private void write(Path folder) throws IOException {
    long third = tensors.stream().mapToLong(Tensor::bytes).sum() / 3;
    List<List<Tensor>> shards = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    long before = 0;
    for (Tensor tensor : tensors) {
      shards.get((int) Math.min(2, before / third)).add(tensor);
      before += tensor.bytes();
    }
    try (PrintWriter index = new PrintWriter(folder.resolve("model.safetensors.index.json").toFile(), StandardCharsets.UTF_8)) {
      index.print("{\"metadata\": {}, \"weight_map\": {");
      String comma = "";
      for (int i = 0; i < 3; i++) {
        String file = "model-0000%d-of-00003.safetensors".formatted(i + 1);
        writeShard(folder.resolve(file), shards.get(i));
        for (Tensor tensor : shards.get(i)) {
          index.printf("%s\"%s\": \"%s\"", comma, tensor.name, file);
          comma = ", ";
        }
      }
      index.print("}}");
    }
  }

  private void writeShard(Path file, List<Tensor> shard) throws IOException {
    StringBuilder header = new StringBuilder("{\"__metadata__\": {\"format\": \"pt\"}");
    long offset = 0;
    for (Tensor tensor : shard) {
      String shape = tensor.shape.stream().map(String::valueOf).collect(Collectors.joining(", "));
      header.append(
          ", \"%s\": {\"dtype\": \"F16\", \"shape\": [%s], \"data_offsets\": [%d, %d]}"
              .formatted(tensor.name, shape, offset, offset + tensor.bytes()));
      offset += tensor.bytes();
    }
    byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).flip());
      out.write(ByteBuffer.wrap(json));
      for (Tensor tensor : shard) {
        long spoken = tensor.name.equals("language_model.lm_head.weight") ? 2L * SPOKEN * WIDTH : tensor.bytes();
        for (long at = 0; at < tensor.bytes(); ) {
          // Pieces of one pool of normal numbers, from another place each.
          int from = random.nextInt(POOL_BYTES / 4) * 2;
          long until = at < spoken ? spoken : tensor.bytes();
          int length = (int) Math.min(until - at, POOL_BYTES / 2);
          ByteBuffer piece = at < spoken ? pool.slice(from, length) : ByteBuffer.allocate(length);
          at += length;
          while (piece.hasRemaining()) {
            out.write(piece);
          }
        }
      }
    }
  }
}
