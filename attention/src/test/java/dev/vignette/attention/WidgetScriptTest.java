package dev.vignette.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.attention.MapView.ViewedMaps;
import dev.vignette.images.RgbImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The page's script against the Java that it repeats, in Node.js. */
class WidgetScriptTest {
  private static final int WIDTH = 100;
  private static final int HEIGHT = 140;

  /** Prints, for each view and word, the viewed map, and the picture drawn. */
  private static final String PRINT =
      """
      const [rows, generic] = [data.rows, data.generic].map(attentionMaths.unpack);
      const all = data.words.map((_, word) => attentionMaths.mean(rows, 64, 6 * word, [3, 4, 5]));
      const spoken = data.words.map(word => !word.punctuation);
      const other = attentionMaths.mean(generic, 64, 0, [3, 4, 5]);
      const opaque = Uint8ClampedArray.from({ length: 4 * pixels.length / 3 }, (_, i) =>
        i % 4 === 3 ? 255 : pixels[3 * (i >> 2) + i % 4]);
      const result = {};
      for (const view of ["raw", "relative", "contrast"]) {
        const maps = attentionMaths.view(view, all, spoken, other);
        result[view] = maps.map(map => {
          const lit = attentionMaths.lit(view, map, 8, data.geometry);
          const field = attentionMaths.field(lit, 8, data.geometry, size[0], size[1]);
          const drawn = attentionMaths.overlay(opaque, field);
          return { map: Array.from(map), drawn: Array.from(drawn) };
        });
      }
      console.log(JSON.stringify(result));
      """;

  @TempDir private Path folder;

  @BeforeEach
  void needsNode() {
    boolean found =
        Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(File.pathSeparator))
            .anyMatch(place -> Files.isExecutable(Path.of(place, "node")));
    assumeTrue(found, "Node.js is not there: no program 'node' on the path");
  }

  @Test
  void theScriptShowsWhatJavaDraws() throws Exception {
    AttendedCaption caption = SyntheticAttention.caption(WIDTH, HEIGHT);
    AttentionTrace generic = shifted(caption.trace());
    RgbImage image = SyntheticAttention.image(WIDTH, HEIGHT);

    JsonNode script = run(caption, generic, image);

    WordMaps words = meanOfLayer(caption.trace());
    PatchMap other = meanOfLayer(generic).mean();
    for (MapView view : MapView.values()) {
      ViewedMaps viewed = ViewedMaps.of(view, words, Optional.of(other));
      for (int word = 0; word < words.words().size(); word++) {
        JsonNode shown = script.at("/%s/%d".formatted(view.cliName(), word));
        compareMaps(shown.get("map"), viewed.words().maps().get(word));
        comparePictures(
            shown.get("drawn"),
            HeatmapOverlay.draw(image, viewed.lit(word, caption.geometry()), caption.geometry()));
      }
    }
  }

  private static void compareMaps(JsonNode script, PatchMap java) {
    assertThat(script).hasSize(java.values().length);
    for (int patch = 0; patch < java.values().length; patch++) {
      float expected = java.values()[patch];
      assertThat((float) script.get(patch).asDouble())
          .isCloseTo(expected, within(1e-3f * expected));
    }
  }

  private static void comparePictures(JsonNode script, RgbImage java) {
    for (int pixel = 0; pixel < WIDTH * HEIGHT; pixel++) {
      for (int channel = 0; channel < 3; channel++) {
        assertThat(script.get(4 * pixel + channel).asInt())
            .isCloseTo(java.rgb()[3 * pixel + channel] & 0xFF, within(4));
      }
    }
  }

  /** The second layer, the mean of its heads. */
  private static WordMaps meanOfLayer(AttentionTrace trace) {
    float[][][] rows = new float[trace.rows().length][][];
    for (int token = 0; token < rows.length; token++) {
      rows[token] = Arrays.copyOfRange(trace.rows()[token], 3, 6);
    }
    return WordMaps.of(
        new AttentionTrace(
            trace.pieces(), trace.layers().subList(1, 2), trace.heads(), trace.grid(), rows));
  }

  /** Other attention: that of the tokens in reverse. */
  private static AttentionTrace shifted(AttentionTrace trace) {
    float[][][] rows = trace.rows().clone();
    for (int token = 0; token < rows.length; token++) {
      rows[token] = trace.rows()[rows.length - 1 - token / 2];
    }
    return new AttentionTrace(trace.pieces(), trace.layers(), trace.heads(), trace.grid(), rows);
  }

  private JsonNode run(AttendedCaption caption, AttentionTrace generic, RgbImage image)
      throws IOException, InterruptedException {
    int[] pixels = new int[image.rgb().length];
    Arrays.setAll(pixels, i -> image.rgb()[i] & 0xFF);
    Path script = folder.resolve("check.js");
    Path output = folder.resolve("output.json");
    Files.writeString(
        script,
        "%s\nconst data = %s;\nconst pixels = %s, size = [%d, %d];\n%s"
            .formatted(
                AttentionWidget.script(),
                AttentionWidget.data(
                    SyntheticAttention.SOURCE, caption, MapView.RAW, Optional.of(generic)),
                Arrays.toString(pixels),
                WIDTH,
                HEIGHT,
                PRINT));
    Process node =
        new ProcessBuilder("node", script.toString())
            .redirectOutput(output.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(node.exitValue()).isZero();
    return new ObjectMapper().readTree(Files.readString(output));
  }
}
