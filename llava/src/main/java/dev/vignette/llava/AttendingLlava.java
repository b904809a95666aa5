package dev.vignette.llava;

import dev.vignette.attention.AttendingCaptioner;
import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.attention.AttendingCaptioner.AttentionDefault;
import dev.vignette.attention.AttentionSelection;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.RgbImage;
import java.util.Optional;

/**
 * A LLaVA that tells what its words looked at, while it generates them: flash attention is off and
 * one sequence is decoded, so a caption has one beam.
 */
public final class AttendingLlava implements AttendingCaptioner {

  /** The miniature LLaVA's language model, the only one measured. */
  private static final int MINIATURE_LAYERS = 3;

  private static final int MINIATURE_HEADS = 4;

  private final LlavaCaptioner captioner;
  private final String instruction;
  private final GenerationConfig config;

  private AttendingLlava(LlavaCaptioner captioner, String instruction, GenerationConfig config) {
    this.captioner = captioner;
    this.instruction = instruction;
    this.config = config;
  }

  /**
   * Opens a LLaVA with its attention visible.
   *
   * @param options flash attention, observability and beams are set as this needs them
   * @param config of one beam
   * @throws IllegalArgumentException if the configuration has several beams
   */
  public static AttendingLlava open(
      LlavaOptions options, String instruction, GenerationConfig config) {
    requireOneBeam(config);
    LlavaOptions visible = options.withContext(options.contextLength(), 1).withAttentionVisible();
    return new AttendingLlava(LlavaCaptioner.open(visible), instruction, config);
  }

  private static void requireOneBeam(GenerationConfig config) {
    if (config.numBeams() != 1) {
      throw new IllegalArgumentException(
          "attention is followed along one hypothesis, so num_beams is 1, not %d; to see what a caption of beams looked at, caption the image first and give the caption by --caption"
              .formatted(config.numBeams()));
    }
  }

  @Override
  public AttendedCaption attend(
      RgbImage image, Optional<String> caption, AttentionSelection selection) {
    return attend(image, instruction, caption, selection);
  }

  /**
   * Captions an image by another instruction than the one it was opened with.
   *
   * @param caption to be read instead of a generated one, if given
   */
  public AttendedCaption attend(
      RgbImage image,
      String otherInstruction,
      Optional<String> caption,
      AttentionSelection selection) {
    EncodedImage.TracedCaption traced =
        captioner
            .encode(captioner.prepare(image))
            .trace(otherInstruction, config, caption.map(this::tokens), selection);
    return new AttendedCaption(traced.text(), traced.trace(), captioner.model().geometry(image));
  }

  private int[] tokens(String caption) {
    int[] tokens = captioner.model().vocabulary().tokenize(caption.strip(), false, false);
    if (caption.isBlank() || tokens.length > config.maxNewTokens()) {
      throw new IllegalArgumentException(
          "the caption to read has 1 to %d tokens (max_new_tokens), but this one has %d; shorten it or allow more by --max-new-tokens"
              .formatted(config.maxNewTokens(), caption.isBlank() ? 0 : tokens.length));
    }
    return tokens;
  }

  @Override
  public int layers() {
    return captioner.model().weights().layerCount();
  }

  @Override
  public int heads() {
    return captioner.model().weights().headCount();
  }

  @Override
  public String name() {
    // llama.cpp knows the size of few models by name, and says ?B of the others.
    return "LLaVA, " + captioner.model().weights().description().replace(" ?B", "");
  }

  @Override
  public AttentionDefault defaultAttention() {
    return layers() == MINIATURE_LAYERS && heads() == MINIATURE_HEADS
        ? AttentionDefault.head(1, 0)
        : AttentionDefault.UNMEASURED;
  }

  @Override
  public void close() {
    captioner.close();
  }
}
