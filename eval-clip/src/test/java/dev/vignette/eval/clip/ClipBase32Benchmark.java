package dev.vignette.eval.clip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.vignette.captions.CocoCaptions;
import dev.vignette.torch.Activation;
import dev.vignette.torch.BlockNames;
import dev.vignette.torch.SafetensorsWriter;
import dev.vignette.torch.Torch;
import dev.vignette.torch.VisionLayout;
import dev.vignette.torch.VisionShape;
import dev.vignette.torch.clip.ClipModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * CLIPScore of 1,000 images by a CLIP of ViT-B/32 shapes with random weights, then again with
 * cached embeddings: seconds and peak memory. Arguments: a folder for the random model, a
 * tokenizer.json, annotations and images of COCO's layout.
 */
final class ClipBase32Benchmark {
  private static final String CONFIG =
      """
      {"model_type": "clip", "projection_dim": 512,
       "vision_config": {"image_size": 224, "patch_size": 32, "hidden_size": 768,
         "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072,
         "hidden_act": "quick_gelu"},
       "text_config": {"vocab_size": 49408, "max_position_embeddings": 77, "hidden_size": 512,
         "num_hidden_layers": 12, "num_attention_heads": 8, "intermediate_size": 2048,
         "hidden_act": "quick_gelu", "eos_token_id": 49407}}
      """;
  private static final BlockNames TEXT_BLOCK =
      new BlockNames(
          "text_model.encoder.layers.%d.",
          "layer_norm1",
          List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
          "self_attn.out_proj",
          "layer_norm2",
          "mlp.fc1",
          "mlp.fc2");

  private ClipBase32Benchmark() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    if (!Files.exists(folder.resolve("model.safetensors"))) {
      writeModel(folder, Path.of(arguments[1]));
      System.out.println("Wrote a random model; run again to measure");
      return;
    }
    SequencedMap<String, Path> files = new LinkedHashMap<>();
    Map<String, String> captions = new LinkedHashMap<>();
    CocoCaptions.read(Path.of(arguments[2]))
        .byStem()
        .forEach((stem, image) -> {
          files.put(stem, Path.of(arguments[3]).resolve(image.fileName()));
          captions.put(stem, image.captions().getFirst());
        });
    Path cache = Files.createTempDirectory("embeddings");
    for (String run : List.of("first", "cached")) {
      long start = System.nanoTime();
      try (ClipModel clip = ClipModel.load(folder)) {
        EmbeddingCache embeddings =
            EmbeddingCache.open(cache, ImageEmbeddings.cacheKey(clip), clip.embeddingWidth());
        ClipScores scores =
            new ClipScorer(clip, new ImageEmbeddings(clip, Optional.of(embeddings)), "")
                .score(files, captions, Map.of());
        System.out.printf(
            "%s run: %d images, %.2f s, CLIPScore %.4f, %s%n",
            run, files.size(), (System.nanoTime() - start) / 1e9, scores.clipScore(), peak());
      }
    }
  }

  private static String peak() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM"))
        .findFirst()
        .orElse("peak unknown");
  }

  private static void writeModel(Path folder, Path tokenizer) throws IOException {
    Files.createDirectories(folder);
    VisionShape vision = new VisionShape(224, 32, 768, 12, 12, 3072, Activation.QUICK_GELU, 1e-5);
    SequencedMap<String, Shape> shapes = VisionLayout.HUGGING_FACE.shapes(vision);
    shapes.put("text_model.embeddings.token_embedding.weight", new Shape(49408, 512));
    shapes.put("text_model.embeddings.position_embedding.weight", new Shape(77, 512));
    for (int layer = 0; layer < 12; layer++) {
      shapes.putAll(TEXT_BLOCK.shapes(layer, 512, 2048));
    }
    shapes.put("text_model.final_layer_norm.weight", new Shape(512));
    shapes.put("text_model.final_layer_norm.bias", new Shape(512));
    shapes.put("visual_projection.weight", new Shape(512, 768));
    shapes.put("text_projection.weight", new Shape(512, 512));
    SequencedMap<String, NDArray> arrays = new LinkedHashMap<>();
    try (NDManager manager = Torch.newManager()) {
      shapes.forEach((name, shape) ->
          arrays.put(
              name,
              name.contains("norm") && name.endsWith("weight")
                  ? manager.ones(shape)
                  : manager.randomNormal(0, 0.02f, shape, DataType.FLOAT32)));
      SafetensorsWriter.write(folder.resolve("model.safetensors"), arrays, Map.of());
    }
    Files.writeString(folder.resolve("config.json"), CONFIG);
    Path copy = folder.resolve("tokenizer.json");
    if (!Files.exists(copy)) {
      Files.copy(tokenizer, copy, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
