package dev.vignette.captioner.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.vignette.torch.AttentionTap;
import dev.vignette.torch.Precision;
import dev.vignette.torch.SafetensorsWriter;
import dev.vignette.torch.TimmVit;
import dev.vignette.torch.Torch;
import dev.vignette.torch.VisionLayout;
import dev.vignette.torch.VisionTransformer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Images a second through the frozen encoder with random weights. Arguments: folder for the random
 * weights, timm's name of the encoder, batch, repetitions, precision.
 */
final class FullSizeEncoder {
  private FullSizeEncoder() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    int batch = Integer.parseInt(arguments[2]);
    int repetitions = Integer.parseInt(arguments[3]);
    Precision precision = Precision.valueOf(arguments[4]);
    if (!Files.exists(folder.resolve("config.json"))) {
      writeRandomWeights(folder, arguments[1]);
    }
    TimmVit description = TimmVit.describe(folder);
    long start = System.nanoTime();
    try (VisionTransformer encoder = description.load(precision)) {
      System.out.printf(
          "%s, %s, %s, batch %d, loaded in %.1f s%n",
          arguments[1], Torch.version(), precision, batch, (System.nanoTime() - start) / 1e9);
      double[] seconds = new double[repetitions];
      for (int i = 0; i < repetitions; i++) {
        seconds[i] = forward(encoder, batch, description.shape().side());
      }
      Arrays.sort(seconds);
      double median = seconds[repetitions / 2];
      System.out.printf(
          "encoder: median %.4f s, least %.4f s, %.0f images/s%n",
          median, seconds[0], batch / median);
    }
  }

  private static double forward(VisionTransformer encoder, int batch, int side) {
    try (NDManager arrays = Torch.newManager()) {
      NDArray pixels = arrays.randomNormal(new Shape(batch, 3, side, side));
      pixels.get(0, 0, 0, 0).getFloat(); // waits for the device
      long start = System.nanoTime();
      encoder.features(arrays, pixels, AttentionTap.NONE).get(0, 0, 0).getFloat();
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private static void writeRandomWeights(Path folder, String name) throws IOException {
    SequencedMap<String, NDArray> arrays = new LinkedHashMap<>();
    try (NDManager manager = Torch.newManager()) {
      VisionLayout.TIMM
          .shapes(TimmVit.named(name).shape())
          .forEach((key, shape) ->
              arrays.put(key, manager.randomNormal(0, 0.02f, shape, DataType.FLOAT32)));
      SafetensorsWriter.write(folder.resolve("model.safetensors"), arrays, Map.of());
    }
    Files.writeString(folder.resolve("config.json"), "{\"architecture\": \"%s\"}".formatted(name));
  }
}
