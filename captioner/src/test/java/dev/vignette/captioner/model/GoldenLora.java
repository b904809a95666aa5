package dev.vignette.captioner.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.vignette.torch.Precision;
import dev.vignette.torch.Torch;
import dev.vignette.torch.Weights;
import dev.vignette.torch.fixture.SharedData;
import dev.vignette.weights.Safetensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The reference's golden values and the miniature decoder set up as it was. */
final class GoldenLora implements AutoCloseable {
  static final LoraSettings SETTINGS =
      new LoraSettings(
          8, 16, 0, false, List.of("c_attn", "c_proj", "c_fc", "lm_head"), Map.of(), Map.of());

  private static final double DEVIATION = 0.1;

  final NDManager manager = Torch.newManager();
  final Safetensors file;
  final Trainables trainables;
  final CaptionDecoder decoder;
  final NDArray features;

  GoldenLora() throws IOException {
    this(Precision.FP32);
  }

  GoldenLora(Precision precision) throws IOException {
    this(SETTINGS, CaptionDecoder.Regularization.NONE, precision);
  }

  /** The reference's arrays where the settings have a place for them, fresh ones elsewhere. */
  GoldenLora(
      LoraSettings settings, CaptionDecoder.Regularization regularization, Precision precision)
      throws IOException {
    file = Safetensors.open(SharedData.besideCheckout("golden/captioner/golden_lora.safetensors"));
    Gpt2Weights weights = Gpt2Weights.open(SharedData.inRepository("models/mini/gpt2"));
    AdapterPlan plan = AdapterPlan.of(weights.config(), settings);
    trainables = Trainables.fresh(manager, plan, 128, weights.config().width(), 1);
    trainables.arrays().keySet().stream()
        .filter(name -> file.tensors().containsKey("init." + goldenName(name)))
        .forEach(
            name -> trainables.set(name, Weights.load(manager, file, "init." + goldenName(name))));
    features = Weights.load(manager, file, "vit_features");
    decoder = new CaptionDecoder(manager, weights, plan, trainables, 65, regularization, precision);
  }

  /** Gives every A and B normal values, so that no adapter is silent. */
  void randomizeAdapters(long seed) {
    Random random = new Random(seed);
    trainables
        .arrays()
        .forEach((name, array) -> {
          if (!name.startsWith("proj.")) {
            float[] values = new float[Math.toIntExact(array.getShape().size())];
            for (int i = 0; i < values.length; i++) {
              values[i] = (float) (DEVIATION * random.nextGaussian());
            }
            try (NDArray normal = manager.create(values, array.getShape())) {
              trainables.set(name, normal);
            }
          }
        });
  }

  /** transformer.h.0.attn.c_attn.A is l.h_0_attn_c_attn.A there. */
  static String goldenName(String name) {
    if (name.startsWith("proj.")) {
      return name;
    }
    int dot = name.lastIndexOf('.');
    String module = name.substring(0, dot).replace("transformer.", "").replace('.', '_');
    return "l." + module + name.substring(dot);
  }

  /** The captions of the four images, one each. */
  List<List<long[]>> captions() {
    var ids = file.bytes("ids").asIntBuffer();
    var labels = file.bytes("labels").asIntBuffer();
    List<List<long[]>> captions = new ArrayList<>();
    for (int row = 0; row < 4; row++) {
      List<Long> tokens = new ArrayList<>();
      tokens.add((long) ids.get(row * 12));
      for (int i = 0; i < 12 && labels.get(row * 12 + i) >= 0; i++) {
        tokens.add((long) labels.get(row * 12 + i));
      }
      captions.add(List.of(tokens.stream().mapToLong(Long::longValue).toArray()));
    }
    return captions;
  }

  @Override
  public void close() {
    decoder.close();
    trainables.close();
    manager.close();
  }
}
