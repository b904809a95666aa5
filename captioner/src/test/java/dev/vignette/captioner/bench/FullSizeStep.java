package dev.vignette.captioner.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.BatchAssembler;
import dev.vignette.captioner.model.CaptionDecoder;
import dev.vignette.captioner.model.Gpt2Config;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.torch.FusedAdamW;
import dev.vignette.torch.Precision;
import dev.vignette.torch.ReusableBuffer;
import dev.vignette.torch.SafetensorsWriter;
import dev.vignette.torch.Torch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * One LoRA training step of GPT-2 base on 257 visual rows of 1664 channels and 32 text tokens with
 * random weights: seconds and peak memory. Arguments: folder for the random weights, batch (4),
 * steps (6), captions an image (1), precision (FP32), where the features are before a step: on the
 * device, or as float16 in the host's memory as in a training run (device or host; device). What
 * PyTorch does with it is lora_step_reference.py.
 */
final class FullSizeStep {
  private static final int VISUAL_ROWS = 257;
  private static final int VISUAL_WIDTH = 1664;
  private static final int TEXT = 32;

  private static final int WARM_UP = 3;

  private final NDManager manager;
  private final Trainables trainables;
  private final CaptionDecoder decoder;
  private final FusedAdamW optimizer;
  private final BatchAssembler assembler = new BatchAssembler(VISUAL_ROWS, true);
  private final ReusableBuffer buffer = new ReusableBuffer();
  private final Random random = new Random(0);
  private final int batch;
  private final int captions;
  private final boolean fromHost;

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    int batch = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 4;
    int steps = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 6;
    int captions = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 1;
    Precision precision = Precision.valueOf(arguments.length > 4 ? arguments[4] : "FP32");
    boolean fromHost = arguments.length > 5 && arguments[5].equals("host");
    Gpt2Config config = Gpt2Config.named("gpt2");
    if (!Files.exists(folder.resolve("model.safetensors"))) {
      writeRandomWeights(folder, config);
    }
    Torch.setThreads(2);
    System.out.printf(
        "%s, %s, batch %d, %d captions an image, features from %s%n",
        Torch.version(), precision, batch, captions, fromHost ? "host" : "device");
    try (NDManager manager = Torch.newManager()) {
      Gpt2Weights weights = Gpt2Weights.open(folder);
      new FullSizeStep(manager, weights, precision, batch, captions, fromHost).measure(steps);
    }
  }

  private static void writeRandomWeights(Path folder, Gpt2Config config) throws IOException {
    SequencedMap<String, NDArray> arrays = new LinkedHashMap<>();
    try (NDManager manager = Torch.newManager()) {
      Gpt2Weights.shapes(config)
          .forEach((name, shape) ->
              arrays.put(
                  name,
                  name.contains("ln_") && name.endsWith("weight")
                      ? manager.ones(shape)
                      : manager.randomNormal(0, 0.02f, shape, DataType.FLOAT32)));
      SafetensorsWriter.write(folder.resolve("model.safetensors"), arrays, Map.of());
    }
  }

  private FullSizeStep(
      NDManager manager,
      Gpt2Weights weights,
      Precision precision,
      int batch,
      int captions,
      boolean fromHost) {
    this.manager = manager;
    this.batch = batch;
    this.captions = captions;
    LoraSettings lora =
        new LoraSettings(
            32, 64, 0.1, false, List.of("c_attn", "c_proj", "c_fc", "lm_head"), Map.of(), Map.of());
    AdapterPlan plan = AdapterPlan.of(weights.config(), lora);
    trainables = Trainables.fresh(manager, plan, VISUAL_WIDTH, 768, 0);
    trainables.require(true, true);
    CaptionDecoder.Regularization dropout = new CaptionDecoder.Regularization(0.1, 0);
    decoder =
        new CaptionDecoder(manager, weights, plan, trainables, VISUAL_ROWS, dropout, precision);
    optimizer =
        new FusedAdamW(manager, FusedAdamW.Settings.withWeightDecay(0.005), trainables.arrays());
    this.fromHost = fromHost;
  }

  private void measure(int steps) throws IOException {
    System.out.println("trainable " + trainables.parameters());
    double[] seconds = new double[steps];
    for (int i = 0; i < steps; i++) {
      seconds[i] = step();
    }
    double[] later = Arrays.copyOfRange(seconds, Math.min(WARM_UP, steps - 1), steps);
    Arrays.sort(later);
    System.out.printf(
        "step: median %.4f s, least %.4f s, %.0f images/s; peak RSS %s, RSS %s%n",
        later[later.length / 2],
        later[0],
        batch / later[later.length / 2],
        status("VmHWM"),
        status("VmRSS"));
  }

  private double step() {
    List<List<long[]>> tokens = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      tokens.add(
          IntStream.range(0, captions)
              .mapToObj(c -> random.longs(TEXT, 0, decoder.config().vocabulary()).toArray())
              .toList());
    }
    Shape shape = new Shape(batch, VISUAL_ROWS, VISUAL_WIDTH);
    ByteBuffer bytes = buffer.ofBytes(Math.toIntExact(shape.size() * Short.BYTES));
    try (NDManager arrays = manager.newSubManager()) {
      NDArray features = arrays.randomNormal(shape);
      features.get(0, 0, 0).getFloat(); // waits for the device
      long start = System.nanoTime();
      NDArray input = fromHost ? arrays.create(bytes, shape, DataType.FLOAT16) : features;
      Torch.recording(() -> {
        var assembled = assembler.assemble(arrays, input, tokens);
        NDArray loss = decoder.loss(arrays, assembled, 1.0 / assembled.targetCount());
        Torch.backward(loss);
        return loss.getFloat();
      });
      optimizer.step(8e-4);
      try (NDArray bias = trainables.array(Trainables.PROJECTION_BIAS).get(0)) {
        bias.getFloat(); // waits for the device
      }
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private static String status(String field) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith(field))
        .map(line -> line.replaceAll("\\s+", " ").substring(field.length() + 2))
        .findFirst()
        .orElse("unknown");
  }
}
