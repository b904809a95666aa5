package dev.vignette.captioner.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.vignette.torch.AttentionTap;
import dev.vignette.torch.BlockLinear;
import dev.vignette.torch.FrozenWeights;
import dev.vignette.torch.Precision;
import dev.vignette.torch.ScriptModule;
import dev.vignette.torch.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * GPT-2 with adapters, reading projected visual rows before the text. Positions count text only;
 * visual rows are dropped before the final norm, in the last block already as far as they are not
 * looked at.
 *
 * <p>B is the number of images, N of continuations of one, P of visual rows, T of text rows.
 */
public final class CaptionDecoder implements AutoCloseable {
  private final NDManager manager;
  private final Gpt2Config config;
  private final Path file;
  private final int visualRows;
  private final ScriptModule script;
  private final List<NDList> blocks = new ArrayList<>();
  private final List<Integer> kinds = new ArrayList<>();
  private final NDList input;
  private final NDList output;

  /**
   * What regularises training.
   *
   * @param projectionDropout probability on projected visual rows
   * @param labelSmoothing share of the target's probability that is spread over the vocabulary
   */
  public record Regularization(double projectionDropout, double labelSmoothing) {
    /** None at all. */
    public static final Regularization NONE = new Regularization(0, 0);

    public Regularization {
      if (!(projectionDropout >= 0 && projectionDropout < 1)
          || !(labelSmoothing >= 0 && labelSmoothing < 1)) {
        throw new IllegalArgumentException(
            "Dropout and label smoothing must be in [0, 1), not %s and %s"
                .formatted(projectionDropout, labelSmoothing));
      }
    }
  }

  /**
   * Loads the frozen weights and joins the trainable ones, which stay the caller's and float32.
   *
   * @param visualRows tokens of an image, P
   * @param precision of linear maps and attention
   */
  public CaptionDecoder(
      NDManager parent,
      Gpt2Weights weights,
      AdapterPlan plan,
      Trainables trainables,
      int visualRows,
      Regularization regularization,
      Precision precision) {
    this.manager = parent.newSubManager();
    this.config = weights.config();
    this.file = weights.file();
    this.visualRows = visualRows;
    DecoderScript outer = new DecoderScript(config, plan, precision, manager.getDevice());
    FrozenWeights frozen = new FrozenWeights(manager, precision);
    NDArray tokens = weights.load(manager, "wte.weight");
    input =
        new NDList(
            trainables.array(Trainables.PROJECTION_WEIGHT),
            trainables.array(Trainables.PROJECTION_BIAS),
            tokens,
            weights.load(manager, "wpe.weight"));
    addAdapter(input, plan, AdapterPlan.TOKENS, trainables);
    addAdapter(input, plan, AdapterPlan.POSITIONS, trainables);
    output =
        new NDList(
            weights.load(manager, "ln_f.weight"),
            weights.load(manager, "ln_f.bias"),
            weights.hasOwnHead() || precision != Precision.FP32
                ? frozen.map(weights::loadHead)
                : tokens);
    addAdapter(output, plan, AdapterPlan.HEAD, trainables);
    Map<Map<BlockLinear, Double>, Integer> distinct = new LinkedHashMap<>();
    for (int layer = 0; layer < config.depth(); layer++) {
      int number = layer;
      NDList block = frozen.block(outer.block(), owner -> weights.block(owner, number));
      Map<BlockLinear, Double> scales = new EnumMap<>(BlockLinear.class);
      for (BlockLinear linear : BlockLinear.values()) {
        String module = AdapterPlan.name(layer, linear);
        plan.slot(module).ifPresent(slot -> scales.put(linear, slot.scale()));
        addAdapter(block, plan, module, trainables);
      }
      blocks.add(block);
      kinds.add(distinct.computeIfAbsent(scales, s -> distinct.size()));
    }
    frozen.close();
    script = ScriptModule.compile(manager, outer.module(regularization, distinct, visualRows));
  }

  private static void addAdapter(
      NDList list, AdapterPlan plan, String module, Trainables trainables) {
    if (plan.slot(module).isPresent()) {
      list.add(trainables.array(module + ".A"));
      list.add(trainables.array(module + ".B"));
    }
  }

  /** What it is, for messages. */
  String name() {
    return "the captioner (GPT-2 of %s and its adapter)".formatted(file);
  }

  /** The sizes. */
  public Gpt2Config config() {
    return config;
  }

  /** Tokens of an image. */
  public int visualRows() {
    return visualRows;
  }

  /**
   * Sum of the cross entropies of a batch's targets times {@code weight}, with dropout; call it
   * inside {@link Torch#recording}.
   *
   * @param step owner of everything made on the way
   */
  public NDArray loss(NDManager step, TrainingBatch batch, double weight) {
    NDArray x =
        call(
            step,
            "trainrows",
            input,
            batch.features(),
            batch.owners(),
            batch.ids(),
            batch.positions());
    x = throughBlocks(step, "train", x, batch.segments());
    return call(
        step, "loss", output, x, batch.rows(), batch.targets(), step.create((float) weight));
  }

  /** Logits of all text rows without dropout and without a cache, (B, T, V). */
  NDArray logits(NDManager results, TrainingBatch batch) {
    return Torch.inference(() -> {
      NDArray x = call(results, "rows", input, batch.features(), batch.ids(), batch.positions());
      x = throughBlocks(results, "plain", x, batch.segments());
      return call(results, "logits", output, x);
    });
  }

  private NDArray throughBlocks(NDManager step, String mode, NDArray first, NDArray segments) {
    NDArray mask = script.call(step, "mask", segments).singletonOrThrow();
    NDArray lastMask = mask.get(":, :, {}:, :", visualRows);
    NDArray x = first;
    int last = blocks.size() - 1;
    for (int layer = 0; layer <= last; layer++) {
      NDArray before = x;
      String function = mode + (layer == last ? "last" : "") + kinds.get(layer);
      x = call(step, function, blocks.get(layer), before, layer == last ? lastMask : mask);
      before.close();
    }
    return x;
  }

  /** Keys and values of an image batch's visual rows, (B, P, W), ready for {@link #step}. */
  KeyValueCache prefix(NDManager results, NDArray features) {
    return Torch.inference(() -> {
      List<NDArray> keys = new ArrayList<>();
      List<NDArray> values = new ArrayList<>();
      NDArray x = call(results, "project", input, features);
      for (int layer = 0; layer < blocks.size(); layer++) {
        NDList out = script.call(results, "prefix" + kinds.get(layer), blocks.get(layer), x);
        x.close();
        x = out.get(0);
        keys.add(out.get(1));
        values.add(out.get(2));
      }
      x.close();
      return new KeyValueCache(results, script, keys, values);
    });
  }

  /**
   * Reads one more token for each continuation and gives the logits of the next.
   *
   * @param ids the tokens, (B, N) row by row
   * @param tap receives (B·N, heads, P + t) of the layers it wants
   * @return (B·N, V)
   */
  NDArray step(NDManager results, KeyValueCache cache, long[] ids, AttentionTap tap) {
    int images = cache.images();
    long[] positions = new long[ids.length];
    for (int i = 0; ids.length % images == 0 && i < ids.length; i++) {
      positions[i] = cache.position(i / (ids.length / images));
    }
    if (ids.length % images != 0
        || Arrays.stream(positions).anyMatch(position -> position >= config.positions())) {
      throw new IllegalArgumentException(
          "%d tokens for %d images at positions %s of %d"
              .formatted(ids.length, images, Arrays.toString(positions), config.positions()));
    }
    return Torch.inference(() -> {
      try (NDManager inner = results.newSubManager()) {
        NDArray x = textRow(inner, ids, images, positions);
        NDArray hidden = cache.hidden(inner, ids.length / images);
        for (int layer = 0; layer < blocks.size(); layer++) {
          NDArray[] inputs = cache.inputs(inner, layer, x, hidden);
          NDList out = script.call(inner, "step" + kinds.get(layer), blocks.get(layer), inputs);
          x.close();
          x = out.get(0);
          cache.replace(layer, out.get(1), out.get(2));
          if (tap.wants(layer)) {
            tap.accept(layer, out.get(3));
          }
          out.get(3).close();
        }
        cache.grew();
        NDArray logits = call(inner, "logits", output, x);
        NDArray flat = logits.reshape(ids.length, config.vocabulary());
        flat.attach(results);
        return flat;
      }
    });
  }

  /** Embedded tokens, (B, N, C). */
  private NDArray textRow(NDManager owner, long[] ids, int images, long[] positions) {
    Shape shape = new Shape(images, ids.length / images);
    return call(owner, "text", input, owner.create(ids, shape), owner.create(positions, shape));
  }

  private NDArray call(NDManager owner, String function, NDList weights, NDArray... inputs) {
    return script.call(owner, function, weights, inputs).singletonOrThrow();
  }

  @Override
  public void close() {
    script.close();
    manager.close();
  }
}
