package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.torch.fixture.SharedData;
import dev.vignette.torch.fixture.Tolerance;
import dev.vignette.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What reaches the optimizer in a run. The first moment in a checkpoint tells: after one step it is
 * a tenth of the gradient, after two at unchanged weights a tenth of the second's and 0.09 of the
 * first's.
 */
class GradientTest {
  private static final int IMAGES = 24;
  private static final Path PICTURES = SharedData.inRepository("models/mini/data/images/train");

  @TempDir Path folder;

  /** One caption for all images, so that every batch has as many targets as another. */
  private String annotations(boolean sameImage) throws IOException {
    ObjectNode root = JsonMapper.shared().createObjectNode();
    ArrayNode images = root.putArray("images");
    ArrayNode annotations = root.putArray("annotations");
    for (int id = 1; id <= IMAGES; id++) {
      Path picture = PICTURES.resolve("%012d.jpg".formatted(sameImage ? 1 : id));
      Path copy = folder.resolve("images/%s%d.jpg".formatted(sameImage ? "same" : "image", id));
      Files.createDirectories(folder.resolve("images"));
      if (!Files.exists(copy)) {
        Files.copy(picture, copy);
      }
      images.addObject().put("id", id).put("file_name", copy.getFileName().toString());
      annotations.addObject().put("image_id", id).put("caption", "a red circle");
      annotations.addObject().put("image_id", id).put("caption", "a small blue square");
    }
    Path file = folder.resolve("same-%s.json".formatted(sameImage));
    Files.writeString(file, root.toString());
    return file.toString();
  }

  private Map<String, float[]> moments(String annotations, String... settings) throws Exception {
    List<String> all =
        new ArrayList<>(
            List.of(
                "run.name=run" + Files.list(folder).count(),
                "data.train.annotations=" + annotations,
                "data.train.images=" + folder.resolve("images"),
                "data.limit=" + IMAGES,
                "training.epochs=1",
                "training.warmup=0",
                "training.batch_size=" + IMAGES,
                "projection.dropout=0",
                "lora.dropout=0",
                "lora.rank=4",
                "validation.max_new_tokens=2"));
    all.addAll(Arrays.asList(settings));
    RunFolder run =
        MiniRun.run(
            MiniRun.config(folder, all.toArray(String[]::new)), false, new MiniRun.Recorder());
    Safetensors saved = Safetensors.open(run.checkpoint());
    Map<String, float[]> moments = new LinkedHashMap<>();
    for (String name : saved.tensors().keySet()) {
      if (name.startsWith("optimizer.exp_avg.")) {
        float[] values = new float[Math.toIntExact(saved.info(name).shape().size())];
        saved.float32(name).asFloatBuffer().get(values);
        moments.put(name, values);
      }
    }
    assertThat(moments).isNotEmpty();
    return moments;
  }

  /** The largest is compared, for A's gradients are zero while B is. */
  private static void assertSame(
      Map<String, float[]> actual, Map<String, float[]> expected, double factor) {
    expected.forEach((name, values) -> {
      float[] scaled = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        scaled[i] = (float) (factor * values[i]);
      }
      assertThat(Tolerance.relative(actual.getOrDefault(name, new float[0]), scaled))
          .as(name)
          .isLessThan(1e-4);
    });
  }

  private static double norm(Map<String, float[]> moments) {
    double sum = 0;
    for (float[] values : moments.values()) {
      for (float value : values) {
        sum += (double) value * value;
      }
    }
    return Math.sqrt(sum);
  }

  @Test
  void accumulatedBatchesGiveTheBigBatchsGradientInAGroupThatIsShortToo() throws Exception {
    String annotations = annotations(false);
    Map<String, float[]> big = moments(annotations);
    assertSame(moments(annotations, "training.batch_size=8", "training.accumulation=3"), big, 1);
    assertSame(moments(annotations, "training.batch_size=8", "training.accumulation=4"), big, 1);
  }

  @Test
  void aShortLastGroupWeighsItsBatchesAsMuchAsAWholeOne() throws Exception {
    String annotations = annotations(true);
    String[] still = {"training.learning_rate=0"};
    Map<String, float[]> big = moments(annotations, still);
    // Two groups, of two batches and of one, at weights that a rate of zero leaves alone.
    assertSame(
        moments(
            annotations,
            "training.learning_rate=0",
            "training.batch_size=8",
            "training.accumulation=2"),
        big,
        1.9);
  }

  @Test
  void gradientsAreClippedToTheNormAndSmallerOnesAreLeft() throws Exception {
    String annotations = annotations(false);
    Map<String, float[]> free = moments(annotations);
    double norm = 10 * norm(free);
    double limit = norm / 4;
    Map<String, float[]> clipped = moments(annotations, "training.clip_norm=" + limit);
    assertThat(10 * norm(clipped)).isCloseTo(limit, within(1e-4 * limit));
    assertSame(clipped, free, 0.25);
    assertSame(moments(annotations, "training.clip_norm=" + 2 * norm), free, 1);
  }

  @Test
  void unpackedRowsGiveThePackedGradient() throws Exception {
    String annotations = annotations(false);
    assertSame(
        moments(annotations, "training.packing=off"),
        moments(annotations, "training.packing=on"),
        1);
  }
}
