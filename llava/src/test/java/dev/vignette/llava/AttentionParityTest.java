package dev.vignette.llava;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.attention.AttentionSelection;
import dev.vignette.attention.AttentionTrace;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.RgbImage;
import dev.vignette.llama.ContextOptions.FlashAttention;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.LlamaModel.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The attention of LLaVA's words against transformers on the same weights. */
class AttentionParityTest {

  private static final GenerationConfig GREEDY =
      GenerationConfig.builder().maxNewTokens(30).build();

  private static LlavaOptions options() {
    return LlavaOptions.of(
            Golden.model("mini-llava-f16.gguf"), Golden.model("mini-llava-mmproj-f16.gguf"))
        .withLoad(ModelOptions.defaults().withDevice(new DeviceRequest.Cpu()));
  }

  private static RgbImage image(String stem) {
    return RgbImage.read(Golden.IMAGES.resolve(stem + ".jpg"));
  }

  /** Tokens of the golden caption, its end token last. */
  private static int[] tokens(Golden golden, String stem) {
    return golden.integers(stem + ".tokens");
  }

  @Test
  void weightsAreThoseOfTransformersForEveryTokenAndTheEndToken() throws IOException {
    Golden golden = Golden.load();
    String instruction = golden.prompt("seed_best");
    try (LlavaCaptioner captioner = LlavaCaptioner.open(options().withAttentionVisible())) {
      for (String stem : Golden.STAGED) {
        int[] tokens = tokens(golden, stem);
        AttentionTrace trace =
            captioner
                .encode(captioner.prepare(image(stem)))
                .trace(instruction, GREEDY, Optional.of(tokens), AttentionSelection.ALL)
                .trace();
        requireEqual(trace, golden.tensor(stem + ".attention"), tokens.length, stem);
      }
    }
  }

  @Test
  void weightsTakenWhileGeneratingAreThoseOfTransformersAndSoAreTheTokens() throws IOException {
    Golden golden = Golden.load();
    String instruction = golden.prompt("seed_best");
    try (LlavaCaptioner captioner = LlavaCaptioner.open(options().withAttentionVisible())) {
      for (String stem : Golden.STAGED) {
        int[] tokens = tokens(golden, stem);
        EncodedImage.TracedCaption traced =
            captioner
                .encode(captioner.prepare(image(stem)))
                .trace(instruction, GREEDY, Optional.empty(), AttentionSelection.ALL);
        assertThat(traced.hypothesis().tokens())
            .as(stem)
            .containsExactly(Arrays.copyOf(tokens, tokens.length - 1));
        requireEqual(traced.trace(), golden.tensor(stem + ".attention"), tokens.length - 1, stem);
      }
    }
  }

  /** The first tokens of {@code expected}, (tokens, layers, heads, prompt positions). */
  private static void requireEqual(
      AttentionTrace trace, float[] expected, int tokens, String stem) {
    int layers = trace.layers().size();
    int heads = trace.heads().size();
    int prompt = trace.row(0, 0, 0).length;
    assertThat(trace.rows()).hasNumberOfRows(tokens);
    assertThat(expected.length % (layers * heads * prompt)).isZero();
    int at = 0;
    for (int token = 0; token < tokens; token++) {
      for (int layer = 0; layer < layers; layer++) {
        for (int head = 0; head < heads; head++) {
          float[] row = trace.row(token, layer, head);
          assertThat(row).hasSize(prompt + token);
          double sum = 0;
          for (int key = 0; key < row.length; key++) {
            sum += row[key];
            if (key < prompt) {
              assertThat(row[key])
                  .as("%s token %d layer %d head %d key %d", stem, token, layer, head, key)
                  .isCloseTo(expected[at++], within(2e-3f));
            }
          }
          assertThat(sum).isCloseTo(1, within(1e-4));
        }
      }
    }
  }

  @Test
  void captionsAreTheSameWithAndWithoutTheTap() throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(Golden.IMAGES)) {
      files = list.sorted().limit(30).toList();
    }
    String instruction = EmbeddedModel.DEFAULT_INSTRUCTION;
    LlavaOptions plain = options().withFlashAttention(FlashAttention.OFF);
    try (AttendingLlava attending = AttendingLlava.open(options(), instruction, GREEDY);
        LlavaCaptioner captioner = LlavaCaptioner.open(plain)) {
      for (Path file : files) {
        RgbImage image = RgbImage.read(file);
        AttendedCaption attended =
            attending.attend(image, Optional.empty(), AttentionSelection.MEAN);
        assertThat(attended.caption())
            .as(file.toString())
            .isEqualTo(captioner.caption(image, instruction, GREEDY).text());
      }
    }
  }

  @Test
  void aCaptionThatIsGivenLooksWhereTheSameCaptionLookedWhenGenerated() throws IOException {
    try (AttendingLlava attending =
        AttendingLlava.open(options(), EmbeddedModel.DEFAULT_INSTRUCTION, GREEDY)) {
      RgbImage image = image(Golden.STAGED.getFirst());
      AttendedCaption own = attending.attend(image, Optional.empty(), AttentionSelection.ALL);
      AttendedCaption given =
          attending.attend(image, Optional.of(own.caption()), AttentionSelection.ALL);
      assertThat(given.caption()).isEqualTo(own.caption());
      assertThat(given.trace().pieces()).isEqualTo(own.trace().pieces());
      assertThat(given.trace().rows()).isDeepEqualTo(own.trace().rows());
    }
  }

  @Test
  void aSelectionOfLayersAndHeadsIsThatPartOfAll() throws IOException {
    try (AttendingLlava attending =
        AttendingLlava.open(options(), EmbeddedModel.DEFAULT_INSTRUCTION, GREEDY)) {
      RgbImage image = image(Golden.STAGED.getFirst());
      AttentionTrace all =
          attending.attend(image, Optional.empty(), AttentionSelection.ALL).trace();
      AttentionTrace one =
          attending.attend(image, Optional.empty(), AttentionSelection.parse("1-2", "3")).trace();
      assertThat(one.layers()).containsExactly(1, 2);
      assertThat(one.heads()).containsExactly(3);
      assertThat(one.row(2, 1, 0)).containsExactly(all.row(2, 2, 3));
    }
  }
}
