package dev.vignette.llava;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.PixelPreprocessor.Framing;
import dev.vignette.images.RgbImage;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.LlamaModel.ModelOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each stage of LLaVA against transformers on the same weights: prompt, features, first logits. */
class StageParityTest {

  private static final String NAMED = "mini-llava-mmproj-f16.gguf";
  private static final String LEGACY = "mini-llava-mmproj-legacy-f16.gguf";

  /**
   * The legacy file without the key {@code clip.projector_type}: so are LLaVA-1.5's published
   * files.
   */
  private static final String OF_2023 = "as published in 2023";

  @TempDir private Path folder;

  private LlavaCaptioner open(String model, String projector, Framing framing) throws IOException {
    Path lm = Golden.model(model);
    Path mmproj = projector.equals(OF_2023) ? ofThePublishedKind() : Golden.model(projector);
    return LlavaCaptioner.open(
        LlavaOptions.of(lm, mmproj)
            .withLoad(ModelOptions.defaults().withDevice(new DeviceRequest.Cpu()))
            .withFraming(framing));
  }

  static Stream<Arguments> projectorsAndFramings() {
    return Stream.of(NAMED, LEGACY, OF_2023)
        .flatMap(projector ->
            Stream.of(Framing.CROP, Framing.PAD).map(framing -> Arguments.of(projector, framing)));
  }

  /** Gives the key another name of the same length, so that nothing else in the file moves. */
  private Path ofThePublishedKind() throws IOException {
    String bytes = Files.readString(Golden.model(LEGACY), StandardCharsets.ISO_8859_1);
    String key = "clip.projector_type";
    assertThat(bytes).containsOnlyOnce(key).contains("clip.has_llava_projector");
    return Files.writeString(
        folder.resolve("mmproj-2023.gguf"),
        bytes.replace(key, "clip.projector_none"),
        StandardCharsets.ISO_8859_1);
  }

  private static String stage(String stem, Framing framing, String stage) {
    return stem + (framing == Framing.PAD ? ".pad." : ".") + stage;
  }

  @ParameterizedTest
  @MethodSource("projectorsAndFramings")
  void projectedFeaturesAreWithinAThousandth(String projector, Framing framing) throws IOException {
    Golden golden = Golden.load();
    try (LlavaCaptioner captioner = open("mini-llava-f16.gguf", projector, framing)) {
      for (String stem : Golden.STAGED) {
        RgbImage image = RgbImage.read(Golden.IMAGES.resolve(stem + ".jpg"));
        float[] features =
            captioner.single().projector().encode(captioner.prepare(image).rgb()).toArray();
        float[] expected = golden.tensor(stage(stem, framing, "projected"));
        assertThat(relativeError(features, expected)).as(stem).isLessThan(1e-3);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("projectorsAndFramings")
  void firstLogitsAreWithinFiveHundredths(String projector, Framing framing) throws IOException {
    Golden golden = Golden.load();
    try (LlavaCaptioner captioner = open("mini-llava-f16.gguf", projector, framing)) {
      float[] logits = new float[captioner.model().vocabulary().size()];
      GenerationConfig one = GenerationConfig.builder().maxNewTokens(1).build();
      for (String stem : Golden.STAGED) {
        captioner
            .encode(captioner.prepare(RgbImage.read(Golden.IMAGES.resolve(stem + ".jpg"))))
            .caption(golden.prompt("seed_best"), one);
        captioner.single().lastLogits().copy(0, logits);
        float[] expected = golden.tensor(stage(stem, framing, "first_logits"));
        for (int i = 0; i < expected.length; i++) {
          assertThat(logits[i]).as(stem + " token " + i).isCloseTo(expected[i], within(0.05f));
        }
      }
    }
  }

  @Test
  void promptTokensAreThoseOfTransformers() throws IOException {
    Golden golden = Golden.load();
    try (LlavaCaptioner captioner = open("mini-llava-Q8_0.gguf", NAMED, Framing.CROP)) {
      golden
          .prompts()
          .forEach((name, instruction) ->
              assertThat(promptTokens(captioner.model(), instruction))
                  .as(name)
                  .containsExactly(golden.promptTokens(name)));
    }
  }

  /** As transformers numbers them, with a token of its own in the image's places. */
  private static int[] promptTokens(LlavaModel model, String instruction) {
    RgbImage image = RgbImage.read(Golden.IMAGES.resolve(Golden.STAGED.getFirst() + ".jpg"));
    return Arrays.stream(model.prompt(image, instruction).ruleTokens())
        .map(token -> token < 0 ? Golden.IMAGE_TOKEN : token)
        .toArray();
  }

  private static double relativeError(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }
}
