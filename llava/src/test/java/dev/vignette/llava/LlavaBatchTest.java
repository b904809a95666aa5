package dev.vignette.llava;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.search.Ticket;
import dev.vignette.decoding.search.Ticket.TokenListener;
import dev.vignette.images.RgbImage;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.LlamaContext;
import dev.vignette.llama.LlamaModel.ModelOptions;
import dev.vignette.llava.LlavaOptions.BatchLayout.SequenceMemory;
import dev.vignette.llava.LlavaPrompt.PromptTooLongException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Prompts of a batch that leave gaps, or fail together, with the miniature. */
class LlavaBatchTest {

  private static LlavaOptions options() {
    return LlavaOptions.of(
            Golden.model("mini-llava-f16.gguf"), Golden.model("mini-llava-mmproj-f16.gguf"))
        .withLoad(ModelOptions.defaults().withDevice(new DeviceRequest.Cpu()));
  }

  private static CaptionSetting setting(int tokens) {
    return new CaptionSetting(
        "of " + tokens,
        EmbeddedModel.DEFAULT_INSTRUCTION,
        GenerationConfig.builder().maxNewTokens(tokens).minNewTokens(tokens).build());
  }

  private static Ticket submit(LlavaModel model, LlavaBatch batch, int image, int tokens) {
    CaptionSetting setting = setting(tokens);
    RgbImage pixels =
        model.prepare(RgbImage.read(Golden.IMAGES.resolve("%012d.jpg".formatted(image))));
    LlavaPrompt prompt = model.prompt(pixels, setting.instruction());
    return batch.submit(prompt, model.search(prompt, setting.config()), TokenListener.NONE);
  }

  private static int[] alone(LlavaModel model, int image, int tokens) {
    try (LlavaBatch batch = model.batch(1, List.of(setting(tokens)))) {
      return batch.await(submit(model, batch, image, tokens)).tokens();
    }
  }

  @ParameterizedTest
  @EnumSource
  void promptsBetweenOthersLeaveAndWhoTakesTheirPlaceSaysWhatItSaysAlone(SequenceMemory memory) {
    LlavaOptions options = options();
    int[] tokens = {24, 2, 3, 24, 2, 24, 9, 5, 12};
    try (LlavaModel model = LlavaModel.open(options.withLayout(options.layout().with(memory)));
        LlavaBatch batch = model.batch(6, List.of(setting(24)))) {
      List<Ticket> tickets = new ArrayList<>();
      IntStream.range(0, 6).forEach(i -> tickets.add(submit(model, batch, i + 1, tokens[i])));
      for (int step = 0; step < 8; step++) {
        batch.step(); // Three are gone, and those around their places go on.
      }
      assertThat(batch.size()).isEqualTo(3);
      IntStream.range(6, 9).forEach(i -> tickets.add(submit(model, batch, i + 1, tokens[i])));
      batch.finish();
      for (int i = 0; i < tokens.length; i++) {
        assertThat(tickets.get(i).hypothesis().tokens())
            .as("image %d of %d tokens", i + 1, tokens[i])
            .containsExactly(alone(model, i + 1, tokens[i]));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aDecodeThatFailsTakesItsPromptsAlongAndTheBatchGoesOn(SequenceMemory memory) {
    LlavaOptions options = options().withAttentionVisible();
    try (LlavaModel model = LlavaModel.open(options.withLayout(options.layout().with(memory)));
        LlavaBatch batch = model.batch(3, List.of(setting(6)))) {
      List<Ticket> failed = new ArrayList<>();
      IntStream.range(0, 3).forEach(i -> failed.add(submit(model, batch, i + 1, 6)));
      batch.step();
      Ticket waiting = submit(model, batch, 5, 6);
      try (LlamaContext.Tap _ =
          batch
              .context()
              .tap(
                  (_, _) -> true,
                  _ -> {
                    throw new IllegalStateException("the decode failed");
                  })) {
        batch.step();
      }
      for (Ticket ticket : failed) {
        assertThatThrownBy(ticket::hypothesis).hasMessage("the decode failed");
      }
      List<Ticket> again = new ArrayList<>();
      IntStream.range(0, 3).forEach(i -> again.add(submit(model, batch, i + 1, 6)));
      batch.finish();
      assertThat(waiting.hypothesis().tokens()).containsExactly(alone(model, 5, 6));
      for (int i = 0; i < 3; i++) {
        assertThat(again.get(i).hypothesis().tokens()).containsExactly(alone(model, i + 1, 6));
      }
    }
  }

  @Test
  void anImageThatCannotBeEncodedFailsAloneAmongOthers() {
    try (LlavaModel model = LlavaModel.open(options());
        LlavaBatch batch = model.batch(3, List.of(setting(6)))) {
      Ticket first = submit(model, batch, 1, 6);
      LlavaPrompt small =
          model.prompt(new RgbImage(2, 2, new byte[12]), EmbeddedModel.DEFAULT_INSTRUCTION);
      Ticket bad =
          batch.submit(small, model.search(small, setting(6).config()), TokenListener.NONE);
      Ticket last = submit(model, batch, 2, 6);
      batch.finish();
      assertThatThrownBy(bad::hypothesis).hasMessageContaining("not 12 bytes");
      assertThat(first.hypothesis().tokens()).containsExactly(alone(model, 1, 6));
      assertThat(last.hypothesis().tokens()).containsExactly(alone(model, 2, 6));
    }
  }

  @Test
  void aContextWithoutRoomForAnImageIsRefusedInASentence() {
    try (LlavaModel model = LlavaModel.open(options())) {
      int needed = model.opening().length + model.imageTokens();
      for (int context : new int[] {1, 2, 3, needed - 1}) {
        LlavaOptions small = options().withContext(context, GenerationConfig.MAX_BEAMS);
        assertThatThrownBy(() -> LlavaCaptioner.open(small))
            .isInstanceOf(PromptTooLongException.class)
            .hasMessageContaining(
                "the image takes %d tokens, but the context holds %d; use a larger --context"
                    .formatted(needed, context));
      }
      LlavaCaptioner.open(options().withContext(needed, GenerationConfig.MAX_BEAMS)).close();
    }
  }
}
