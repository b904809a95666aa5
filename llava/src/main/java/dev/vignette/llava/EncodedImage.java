package dev.vignette.llava;

import dev.vignette.attention.AttentionSelection;
import dev.vignette.attention.AttentionTrace;
import dev.vignette.attention.recording.AttentionRecorder;
import dev.vignette.attention.recording.TokenPieces;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.search.CaptionSearch;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import dev.vignette.decoding.search.Ticket;
import dev.vignette.decoding.search.Ticket.TokenListener;
import dev.vignette.images.RgbImage;
import dev.vignette.llama.LlamaContext;
import dev.vignette.llama.TensorSink;
import dev.vignette.llama.TensorSink.CopiedTensor;
import dev.vignette.llama.TensorSink.TensorFilter;
import dev.vignette.llava.Caption.StageMillis;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An image that the language model has read, ready for any number of instructions; the image is
 * encoded and read once, and again only if the captioner has read another image since.
 *
 * <p>Used on the captioner's thread, while the captioner is open.
 */
public final class EncodedImage {

  private final LlavaModel model;
  private final LlavaBatch batch;
  private final RgbImage image;
  private StageMillis imageMillis;
  private double unreportedMillis;

  /** Encodes and reads the image. */
  EncodedImage(LlavaModel model, LlavaBatch batch, RgbImage image) {
    this.model = model;
    this.batch = batch;
    this.image = image;
    this.imageMillis = batch.hold(image);
    this.unreportedMillis = imageMillis.prefill();
  }

  /** Captions the image by an instruction. */
  public Caption caption(String instruction, GenerationConfig config) {
    return find(instruction, config, TokenListener.NONE);
  }

  /**
   * Captions the image by an instruction.
   *
   * @param stream hears the text so far, each time it grows
   * @throws LlavaPrompt.PromptTooLongException if prompt and caption do not fit the context
   */
  public Caption caption(String instruction, GenerationConfig config, Consumer<String> stream) {
    TextStream text = new TextStream(model.vocabulary(), config.stopStrings(), stream);
    Caption caption = find(instruction, config, text::accept);
    text.finish(caption.text());
    return caption;
  }

  private Caption find(String instruction, GenerationConfig config, TokenListener listener) {
    hold();
    LlavaPrompt prompt = model.prompt(image, instruction);
    Ticket ticket = batch.submit(prompt, model.search(prompt, config), listener);
    Hypothesis hypothesis = batch.await(ticket);
    double prefill = ticket.prefixMillis() + ticket.prefillMillis() + unreportedMillis;
    unreportedMillis = 0;
    return new Caption(
        model.text(hypothesis, config),
        hypothesis,
        new StageMillis(imageMillis.encode(), prefill, ticket.decodeMillis()));
  }

  /** Reads the image again if it had to make room for another. */
  private void hold() {
    StageMillis again = batch.hold(image);
    imageMillis = imageMillis.plus(again);
    unreportedMillis += again.prefill();
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
    hold();
    AttentionRecorder recorder = LlavaCaptioner.recorder(model, selection);
    TraceTap tap = new TraceTap(recorder);
    LlavaPrompt prompt = model.prompt(image, instruction);
    CaptionSearch search =
        given
            .map(tokens -> CaptionSearch.following(tokens, model.vocabulary().size()))
            .orElseGet(() -> model.search(prompt, config));
    int[] chosen = {prompt.length()};
    try (LlamaContext.Tap _ = batch.context().tap(tap, tap)) {
      Ticket ticket = batch.submit(prompt, search, _ -> recorder.chosen(chosen[0]++));
      Hypothesis hypothesis = batch.await(ticket);
      return new TracedCaption(
          model.text(hypothesis, config),
          hypothesis,
          recorder.trace(
              TokenPieces.of(hypothesis.tokens(), model.vocabulary()::detokenize),
              LlavaCaptioner.grid(model)));
    }
  }

  /** A caption, how it was found, and what its tokens looked at. */
  record TracedCaption(String text, Hypothesis hypothesis, AttentionTrace trace) {}

  /**
   * Takes the attention of the last token of a decode out of llama.cpp's graph: node {@code
   * kq_soft_max-N} of layer N, which exists without flash attention only. Its columns are cells of
   * the memory, so positions as long as one sequence fills it from the start.
   */
  static final class TraceTap implements TensorFilter, TensorSink {

    private static final String NODE = "kq_soft_max-";

    private final AttentionRecorder recorder;

    TraceTap(AttentionRecorder recorder) {
      this.recorder = recorder;
    }

    @Override
    public boolean wants(String name, String operation) {
      return name.startsWith(NODE) && operation.equals("SOFT_MAX") && recorder.wants(layer(name));
    }

    private static int layer(String name) {
      int layer = 0;
      for (int i = NODE.length(); i < name.length(); i++) {
        int digit = name.charAt(i) - '0';
        if (digit < 0 || digit > 9) {
          return -1;
        }
        layer = 10 * layer + digit;
      }
      return layer;
    }

    /** Takes (heads, tokens, cells). */
    @Override
    public void accept(CopiedTensor tensor) {
      int cells = Math.toIntExact(tensor.shape()[0]);
      int tokens = Math.toIntExact(tensor.shape()[1]);
      int heads = Math.toIntExact(tensor.shape()[2]);
      recorder.row(
          layer(tensor.name()),
          tensor.values(),
          (tokens - 1) * cells,
          tokens * cells,
          heads,
          cells);
    }
  }
}
