package dev.vignette.captioner;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.vignette.attention.AttendingCaptioner;
import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.attention.AttendingCaptioner.AttentionDefault;
import dev.vignette.attention.AttentionSelection;
import dev.vignette.attention.AttentionTrace.PatchGrid;
import dev.vignette.attention.recording.AttentionRecorder;
import dev.vignette.attention.recording.TokenPieces;
import dev.vignette.captioner.model.Gpt2Config;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import dev.vignette.images.RgbImage;
import dev.vignette.torch.AttentionTap;
import dev.vignette.torch.VisionShape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * A trained captioner that tells what its words looked at: the rows of GPT-2's self-attention over
 * the visual rows, which stand before the text. With V visual rows and the begin token at row V,
 * row V + j predicts the generated token j and is its row here.
 */
public final class AttendingVitGpt2 implements AttendingCaptioner {
  /** The miniature GPT-2, the only one measured. */
  private static final int MINIATURE_LAYERS = 4;

  private static final int MINIATURE_HEADS = 5;

  private final VitGpt2Captioner captioner;

  /**
   * Takes over a captioner, and closes it.
   *
   * @throws IllegalArgumentException if it was loaded with several beams
   */
  public AttendingVitGpt2(VitGpt2Captioner captioner) {
    if (captioner.config().numBeams() != 1) {
      throw new IllegalArgumentException(
          "attention is followed along one hypothesis, so num_beams is 1, not %d; to see what a caption of beams looked at, caption the image first and give the caption by --caption"
              .formatted(captioner.config().numBeams()));
    }
    this.captioner = captioner;
  }

  /** What is odd about the adapter and its decoder, in sentences for a person. */
  public List<String> warnings() {
    return captioner.warnings();
  }

  @Override
  public AttendedCaption attend(
      RgbImage image, Optional<String> caption, AttentionSelection selection) {
    Gpt2Config config = captioner.decoder().config();
    AttentionRecorder recorder =
        new AttentionRecorder(
            selection.layersOf(config.depth()), selection.headsOf(config.heads()));
    int[] keys = {captioner.decoder().visualRows()};
    IntConsumer chosen = _ -> recorder.chosen(++keys[0]);
    Hypothesis hypothesis =
        captioner.search(
            captioner.prepare(image), caption.map(this::tokens), tap(recorder), chosen);
    return new AttendedCaption(
        captioner.text(hypothesis),
        recorder.trace(TokenPieces.of(hypothesis.tokens(), captioner.tokenizer()::decode), grid()),
        ImageEncoder.preprocessor(captioner.encoder().description())
            .geometry(image.width(), image.height()));
  }

  private static AttentionTap tap(AttentionRecorder recorder) {
    return new AttentionTap() {
      @Override
      public boolean wants(int layer) {
        return recorder.wants(layer);
      }

      @Override
      public void accept(int layer, NDArray weights) {
        Shape shape = weights.getShape(); // (1, heads, keys)
        int heads = Math.toIntExact(shape.get(1));
        int keys = Math.toIntExact(shape.get(2));
        recorder.row(layer, weights.toFloatArray(), 0, keys, heads, keys);
      }
    };
  }

  /** The patches are the last visual rows, behind the class token. */
  private PatchGrid grid() {
    VisionShape shape = captioner.encoder().description().shape();
    return new PatchGrid(shape.tokens() - shape.grid() * shape.grid(), shape.grid());
  }

  private int[] tokens(String caption) {
    long[] framed = captioner.tokenizer().encode(caption.strip());
    int[] tokens = Arrays.stream(framed, 1, framed.length - 1).mapToInt(Math::toIntExact).toArray();
    int most =
        Math.min(captioner.config().maxNewTokens(), captioner.decoder().config().positions());
    if (tokens.length == 0 || tokens.length > most) {
      throw new IllegalArgumentException(
          "the caption to read has 1 to %d tokens (max_new_tokens), but this one has %d; shorten it or allow more by --max-new-tokens"
              .formatted(most, tokens.length));
    }
    return tokens;
  }

  @Override
  public int layers() {
    return captioner.decoder().config().depth();
  }

  @Override
  public int heads() {
    return captioner.decoder().config().heads();
  }

  @Override
  public String name() {
    return "ViT and GPT-2 with adapters";
  }

  @Override
  public AttentionDefault defaultAttention() {
    return layers() == MINIATURE_LAYERS && heads() == MINIATURE_HEADS
        ? AttentionDefault.head(2, 3)
        : AttentionDefault.UNMEASURED;
  }

  @Override
  public void close() {
    captioner.close();
  }
}
