package dev.vignette.torch.clip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.vignette.torch.Precision;
import dev.vignette.torch.ReusableBuffer;
import dev.vignette.torch.TimmVit;
import dev.vignette.torch.Torch;
import dev.vignette.torch.VisionLayout;
import dev.vignette.torch.VisionTransformer;
import dev.vignette.torch.Weights;
import dev.vignette.weights.TensorFile;
import dev.vignette.weights.WeightsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * A CLIP model in Hugging Face's layout: {@code config.json}, {@code model.safetensors} (or {@code
 * pytorch_model.bin}) and {@code tokenizer.json} in a folder. One thread at a time.
 */
public final class ClipModel implements AutoCloseable {
  private static final int TEXT_BATCH = 64;

  private final NDManager manager = Torch.newManager();
  private final ClipConfig config;
  private final Weights weights;
  private final VisionTransformer vision;
  private final TextTransformer text;
  private final NDArray visualProjection;
  private final NDArray textProjection;
  private final ClipTokenizer tokenizer;
  private final ReusableBuffer inputs = new ReusableBuffer();

  private ClipModel(Path folder, ClipConfig config, Weights weights) {
    this.config = config;
    this.weights = weights;
    try {
      tokenizer = new ClipTokenizer(folder, config.text());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    vision =
        VisionTransformer.load(config.vision(), weights, VisionLayout.HUGGING_FACE, Precision.FP32);
    text = new TextTransformer(manager, config.text(), weights);
    visualProjection = weights.load(manager, "visual_projection.weight").transpose();
    textProjection = weights.load(manager, "text_projection.weight").transpose();
  }

  /**
   * Loads a model.
   *
   * @throws dev.vignette.weights.WeightsException naming missing, extra and mis-shaped tensors
   * @throws IllegalArgumentException when the folder or its configuration is not CLIP's
   */
  public static ClipModel load(Path folder) throws IOException {
    ClipConfig config = ClipConfig.read(folder);
    Weights weights = weights(folder, config);
    return Torch.inference(() -> new ClipModel(folder, config, weights));
  }

  /**
   * Looks whether a folder holds a CLIP: its configuration, and the header of its weights.
   *
   * @throws dev.vignette.weights.WeightsException as {@link #load} does
   * @throws IllegalArgumentException as {@link #load} does
   */
  public static void check(Path folder) throws IOException {
    ClipConfig config = ClipConfig.read(folder);
    weights(folder, config);
    ClipTokenizer.requireFile(folder);
  }

  private static Weights weights(Path folder, ClipConfig config) throws IOException {
    Weights.Table table =
        new Weights.Table(
            "CLIP as " + folder.resolve("config.json") + " describes it",
            shapes(config),
            name -> name.equals("logit_scale") || name.endsWith("position_ids"),
            "");
    TensorFile file = TensorFile.open(TimmVit.weightFile(folder));
    return Weights.checked(file, table);
  }

  /** Every key of the model's file with its shape. */
  static SequencedMap<String, Shape> shapes(ClipConfig config) {
    SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
    shapes.putAll(VisionLayout.HUGGING_FACE.shapes(config.vision()));
    shapes.putAll(TextTransformer.shapes(config.text()));
    shapes.put("visual_projection.weight", new Shape(config.embedding(), config.vision().width()));
    shapes.put("text_projection.weight", new Shape(config.embedding(), config.text().width()));
    return shapes;
  }

  /** Pixels of the square input's side. */
  public int imageSide() {
    return config.vision().side();
  }

  /** Channels of an embedding. */
  public int embeddingWidth() {
    return config.embedding();
  }

  /** Most tokens of a text, begin and end included. */
  public int maxTokens() {
    return config.text().positions();
  }

  /** The file of the weights. */
  public Path weightFile() {
    return weights.file().path();
  }

  /**
   * Embeds a batch of images.
   *
   * @param pixelsChw normalised pixels of each image, 3 · side · side values, channel by channel
   * @return one vector an image, not normalised
   */
  public List<float[]> imageEmbeddings(List<float[]> pixelsChw) {
    if (pixelsChw.isEmpty()) {
      return List.of();
    }
    int side = imageSide();
    ByteBuffer pixels =
        inputs.ofBytes(Math.multiplyExact(pixelsChw.size() * 3 * Float.BYTES, side * side));
    for (float[] image : pixelsChw) {
      if (image.length != 3 * side * side) {
        throw new IllegalArgumentException(
            "An image has %d values; 3 x %d x %d are needed".formatted(image.length, side, side));
      }
      pixels.asFloatBuffer().put(image);
      pixels.position(pixels.position() + image.length * Float.BYTES);
    }
    return Torch.inference(() -> {
      try (NDManager batch = manager.newSubManager()) {
        Shape shape = new Shape(pixelsChw.size(), 3, side, side);
        NDArray input = batch.create(pixels.flip(), shape, DataType.FLOAT32);
        return rows(vision.classTokens(batch, input).matMul(visualProjection));
      }
    });
  }

  /**
   * Embeds texts; those beyond {@link #maxTokens()} keep their end token and are reported.
   *
   * @throws IllegalArgumentException when the tokenizer cannot say a text; the message names both
   */
  public TextEmbeddings textEmbeddings(List<String> texts) {
    List<ClipTokenizer.Tokens> tokens = texts.stream().map(tokenizer::encode).toList();
    // Texts of like length share a batch; padding costs nothing but time.
    List<Integer> byLength =
        IntStream.range(0, texts.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> tokens.get(i).ids().length))
            .toList();
    float[][] vectors = new float[texts.size()][];
    for (int start = 0; start < texts.size(); start += TEXT_BATCH) {
      List<Integer> batch = byLength.subList(start, Math.min(texts.size(), start + TEXT_BATCH));
      List<float[]> embedded = embed(batch.stream().map(i -> tokens.get(i).ids()).toList());
      for (int i = 0; i < batch.size(); i++) {
        vectors[batch.get(i)] = embedded.get(i);
      }
    }
    return new TextEmbeddings(
        List.of(vectors),
        IntStream.range(0, texts.size()).filter(i -> tokens.get(i).truncated()).boxed().toList());
  }

  /** Token ids of a text as the model sees them, truncated where need be. */
  long[] tokenIds(String text) {
    return tokenizer.encode(text).ids();
  }

  private List<float[]> embed(List<long[]> ids) {
    return Torch.inference(() -> {
      try (NDManager batch = manager.newSubManager()) {
        return rows(text.pooled(batch, ids).matMul(textProjection));
      }
    });
  }

  /** The rows of (B, C), which are numbers and not all zero: no cosine would be one otherwise. */
  private List<float[]> rows(NDArray matrix) {
    float[] values = matrix.toFloatArray();
    int width = (int) matrix.getShape().get(1);
    List<float[]> rows = new ArrayList<>();
    for (int start = 0; start < values.length; start += width) {
      float[] row = Arrays.copyOfRange(values, start, start + width);
      requireDirection(row);
      rows.add(row);
    }
    return rows;
  }

  private void requireDirection(float[] row) {
    double squares = 0;
    for (float value : row) {
      squares += (double) value * value;
    }
    if (!Double.isFinite(squares) || squares == 0) {
      throw new WeightsException(
          "the CLIP %s computes features that are %s: its file is damaged; get it again"
              .formatted(weightFile(), squares == 0 ? "all zero" : "not numbers"));
    }
  }

  @Override
  public void close() {
    tokenizer.close();
    text.close();
    vision.close();
    manager.close();
  }
}
