package dev.vignette.torch.clip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.vignette.torch.AttentionTap;
import dev.vignette.torch.BlockNames;
import dev.vignette.torch.BlockShape;
import dev.vignette.torch.EncoderBlocks;
import dev.vignette.torch.Precision;
import dev.vignette.torch.ScriptModule;
import dev.vignette.torch.Weights;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** CLIP's text tower: causal blocks; the row of a text's first end token is the text's. */
final class TextTransformer implements AutoCloseable {
  private static final String PREFIX = "text_model.";
  private static final BlockNames BLOCK =
      new BlockNames(
          PREFIX + "encoder.layers.%d.",
          "layer_norm1",
          List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
          "self_attn.out_proj",
          "layer_norm2",
          "mlp.fc1",
          "mlp.fc2");
  private static final List<String> EMBEDDING =
      List.of(
          PREFIX + "embeddings.token_embedding.weight",
          PREFIX + "embeddings.position_embedding.weight");
  private static final List<String> NORM =
      List.of(PREFIX + "final_layer_norm.weight", PREFIX + "final_layer_norm.bias");
  private static final String SCRIPT =
      """
        def embed(self, w: List[Tensor], ids: Tensor) -> Tensor:
          x = torch.embedding(w[0], ids)
          return torch.add(x, torch.slice(w[1], 0, 0, torch.size(ids, 1)))
        def pool(self, w: List[Tensor], x: Tensor, ends: Tensor) -> Tensor:
          rows = torch.expand(torch.view(ends, [-1, 1, 1]), [-1, 1, %1$d])
          y = torch.squeeze(torch.gather(x, 1, rows), 1)
          return torch.layer_norm(y, [%1$d], w[0], w[1], %2$s)
      """;

  private final ScriptModule script;
  private final EncoderBlocks blocks;
  private final NDList embedding;
  private final NDList norm;
  private final int endToken;

  TextTransformer(NDManager manager, TextShape shape, Weights weights) {
    embedding = load(manager, weights, EMBEDDING);
    norm = load(manager, weights, NORM);
    endToken = shape.endToken();
    List<NDList> layers = new ArrayList<>();
    for (int layer = 0; layer < shape.depth(); layer++) {
      layers.add(load(manager, weights, BLOCK.keys(layer)));
    }
    script = ScriptModule.compile(manager, SCRIPT.formatted(shape.width(), shape.epsilon()));
    BlockShape block =
        new BlockShape(shape.width(), shape.heads(), shape.activation(), shape.epsilon(), true);
    blocks = new EncoderBlocks(manager, block, layers, true, Precision.FP32);
  }

  private static NDList load(NDManager manager, Weights weights, List<String> names) {
    NDList list = new NDList(names.size());
    names.forEach(name -> list.add(weights.load(manager, name)));
    return list;
  }

  static SequencedMap<String, Shape> shapes(TextShape shape) {
    SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put(EMBEDDING.get(0), new Shape(shape.vocabulary(), shape.width()));
    shapes.put(EMBEDDING.get(1), new Shape(shape.positions(), shape.width()));
    for (int layer = 0; layer < shape.depth(); layer++) {
      shapes.putAll(BLOCK.shapes(layer, shape.width(), shape.hidden()));
    }
    NORM.forEach(name -> shapes.put(name, new Shape(shape.width())));
    return shapes;
  }

  /**
   * The rows of the texts' first end tokens after the final norm, (B, C), as OpenAI's argmax and
   * Hugging Face choose them: an end token may stand in the text itself. Shorter texts are padded
   * behind their end, where the causal blocks cannot look.
   */
  NDArray pooled(NDManager results, List<long[]> texts) {
    int longest = texts.stream().mapToInt(text -> text.length).max().orElseThrow();
    LongBuffer ids = LongBuffer.allocate(texts.size() * longest);
    long[] ends = new long[texts.size()];
    for (int i = 0; i < texts.size(); i++) {
      ids.put(i * longest, texts.get(i));
      ends[i] = end(texts.get(i));
    }
    try (NDArray idArray = results.create(ids.array(), new Shape(texts.size(), longest));
        NDArray endArray = results.create(ends)) {
      NDArray x = script.call(results, "embed", embedding, idArray).singletonOrThrow();
      try (NDArray y = blocks.forward(results, x, AttentionTap.NONE)) {
        return script.call(results, "pool", norm, y, endArray).singletonOrThrow();
      }
    }
  }

  /** The place of the first end token, or of the last token where there is none. */
  private int end(long[] text) {
    int place = 0;
    while (place < text.length - 1 && text[place] != endToken) {
      place++;
    }
    return place;
  }

  @Override
  public void close() {
    blocks.close();
    script.close();
  }
}
