package dev.vignette.llava;

import dev.vignette.captions.attention.AttentionRecorder;
import dev.vignette.captions.attention.AttentionSelection;
import dev.vignette.captions.attention.AttentionTrace;
import dev.vignette.captions.attention.TokenPieces;
import dev.vignette.captions.decoding.CaptionSearch;
import dev.vignette.captions.decoding.EndCondition;
import dev.vignette.captions.decoding.GenerationConfig;
import dev.vignette.captions.decoding.Hypothesis;
import dev.vignette.llama.LlamaContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * An image that the language model has read, ready for any number of instructions; the image is
 * encoded and read once.
 *
 * <p>Valid until the captioner reads another image; used on the captioner's thread.
 */
public final class EncodedImage {

  private final LlavaCaptioner captioner;
  private final int serial;
  private final double encodeMillis;
  private final double imageReadMillis;
  private double readMillis;

  EncodedImage(LlavaCaptioner captioner, int serial, double encodeMillis, double readMillis) {
    this.captioner = captioner;
    this.serial = serial;
    this.encodeMillis = encodeMillis;
    this.imageReadMillis = readMillis;
    this.readMillis = readMillis;
  }

  int serial() {
    return serial;
  }

  /** Where the time went that all captions of the image share: encoding it and reading it. */
  public StageMillis imageMillis() {
    return new StageMillis(encodeMillis, imageReadMillis, 0);
  }

  /**
   * Captions the image by several settings. The prefill of each caption is its instruction's; the
   * image's is in {@link #imageMillis}.
   *
   * @return a caption a setting, in their order
   * @throws PromptTooLongException if prompt and caption of one do not fit the context
   * @throws IllegalStateException if the captioner has read another image since
   */
  public List<Caption> captions(List<CaptionSetting> settings) {
    readMillis = 0;
    List<Caption> captions = new ArrayList<>(settings.size());
    for (CaptionSetting setting : settings) {
      captions.add(caption(setting.instruction(), setting.config()));
    }
    return captions;
  }

  /** Captions the image by an instruction. */
  public Caption caption(String instruction, GenerationConfig config) {
    return caption(instruction, config, (IntConsumer) _ -> {});
  }

  /**
   * Captions the image by an instruction.
   *
   * @param stream hears the text so far, each time it grows
   * @throws PromptTooLongException if prompt and caption do not fit the context
   * @throws IllegalStateException if the captioner has read another image since
   */
  public Caption caption(String instruction, GenerationConfig config, Consumer<String> stream) {
    TextStream text = new TextStream(captioner.vocabulary(), config.stopStrings(), stream);
    Caption caption = caption(instruction, config, (IntConsumer) text::accept);
    text.finish(caption.text());
    return caption;
  }

  private Caption caption(String instruction, GenerationConfig config, IntConsumer listener) {
    LlavaPrompt prompt = captioner.read(serial, instruction, config);
    long started = System.nanoTime();
    EndCondition end =
        new EndCondition(
            captioner.endTokens(), config.stopStrings(), captioner.vocabulary()::detokenize);
    Hypothesis hypothesis =
        CaptionSearch.run(captioner.hypotheses(), config, prompt.ruleTokens(), end, listener);
    double decode = LlavaCaptioner.millisSince(started);
    double prefill = prompt.readMillis() + readMillis;
    readMillis = 0;
    return new Caption(
        finish(hypothesis, config), hypothesis, new StageMillis(encodeMillis, prefill, decode));
  }

  /**
   * Captions the image, or reads a caption, and tells what each token looked at.
   *
   * @param given tokens to be read instead of generated ones, if present
   * @param config of one beam
   */
  TracedCaption trace(
      String instruction,
      GenerationConfig config,
      Optional<int[]> given,
      AttentionSelection selection) {
    AttentionRecorder recorder = captioner.recorder(selection);
    AttentionTap tap = new AttentionTap(recorder);
    try (LlamaContext.Tap _ = captioner.context().tap(tap, tap)) {
      LlavaPrompt prompt = captioner.read(serial, instruction, config);
      int[] chosen = {0};
      IntConsumer listener = _ -> recorder.chosen(prompt.ruleTokens().length + chosen[0]++);
      EndCondition end =
          new EndCondition(
              captioner.endTokens(), config.stopStrings(), captioner.vocabulary()::detokenize);
      Hypothesis hypothesis =
          given.isPresent()
              ? CaptionSearch.follow(captioner.hypotheses(), given.get(), listener)
              : CaptionSearch.run(
                  captioner.hypotheses(), config, prompt.ruleTokens(), end, listener);
      return new TracedCaption(
          finish(hypothesis, config),
          hypothesis,
          recorder.trace(
              TokenPieces.of(hypothesis.tokens(), captioner.vocabulary()::detokenize),
              captioner.grid()));
    }
  }

  /** A caption, how it was found, and what its tokens looked at. */
  record TracedCaption(String text, Hypothesis hypothesis, AttentionTrace trace) {}

  private String finish(Hypothesis hypothesis, GenerationConfig config) {
    String text = captioner.vocabulary().detokenize(hypothesis.tokens());
    for (String stop : config.stopStrings()) {
      int at = text.indexOf(stop);
      text = at < 0 ? text : text.substring(0, at);
    }
    return text.strip();
  }
}
