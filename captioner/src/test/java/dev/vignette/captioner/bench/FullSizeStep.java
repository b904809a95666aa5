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
import dev.vignette.torch.SafetensorsWriter;
import dev.vignette.torch.Torch;
import java.io.IOException;
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
 * steps (6), captions an image (1). What PyTorch does with it is lora_step_reference.py.
 */
final class FullSizeStep {
  private static final int VISUAL_ROWS = 257;
  private static final int VISUAL_WIDTH = 1664;
  private static final int TEXT = 32;

  private FullSizeStep() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    int batch = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 4;
    int steps = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 6;
    int captions = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 1;
    Gpt2Config config = Gpt2Config.named("gpt2");
    if (!Files.exists(folder.resolve("model.safetensors"))) {
      writeRandomWeights(folder, config);
      System.out.println("Wrote random weights; run again to measure");
      return;
    }
    Torch.setThreads(2);
    try (NDManager manager = Torch.newManager()) {
      measure(manager, Gpt2Weights.open(folder), batch, steps, captions);
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

  private static void measure(
      NDManager manager, Gpt2Weights weights, int batch, int steps, int captions)
      throws IOException {
    LoraSettings lora =
        new LoraSettings(
            32, 64, 0.1, false, List.of("c_attn", "c_proj", "c_fc", "lm_head"), Map.of(), Map.of());
    AdapterPlan plan = AdapterPlan.of(weights.config(), lora);
    Trainables trainables = Trainables.fresh(manager, plan, VISUAL_WIDTH, 768, 0);
    trainables.require(true, true);
    System.out.println("trainable " + trainables.parameters());
    CaptionDecoder decoder =
        new CaptionDecoder(
            manager,
            weights,
            plan,
            trainables,
            VISUAL_ROWS,
            new CaptionDecoder.Regularization(0.1, 0));
    FusedAdamW optimizer =
        new FusedAdamW(manager, FusedAdamW.Settings.withWeightDecay(0.005), trainables.arrays());
    BatchAssembler assembler = new BatchAssembler(VISUAL_ROWS, true);
    Random random = new Random(0);
    double[] seconds = new double[steps];
    for (int i = 0; i < steps; i++) {
      seconds[i] = step(manager, decoder, optimizer, assembler, random, batch, captions);
    }
    Arrays.sort(seconds, Math.min(1, steps - 1), steps);
    System.out.printf(
        "median step %.2f s, peak RSS %s, RSS %s%n",
        seconds[1 + (steps - 1) / 2 - (steps > 1 ? 0 : 1)], status("VmHWM"), status("VmRSS"));
  }

  private static double step(
      NDManager manager,
      CaptionDecoder decoder,
      FusedAdamW optimizer,
      BatchAssembler assembler,
      Random random,
      int batch,
      int captions) {
    List<List<long[]>> tokens = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      tokens.add(
          IntStream.range(0, captions)
              .mapToObj(c -> random.longs(TEXT, 0, decoder.config().vocabulary()).toArray())
              .toList());
    }
    try (NDManager arrays = manager.newSubManager()) {
      NDArray features = arrays.randomNormal(new Shape(batch, VISUAL_ROWS, VISUAL_WIDTH));
      long start = System.nanoTime();
      Torch.recording(() -> {
        var assembled = assembler.assemble(arrays, features, tokens);
        Torch.backward(decoder.loss(arrays, assembled, 1.0 / assembled.targetCount()));
        return true;
      });
      optimizer.step(8e-4);
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
