package dev.vignette.llava;

import dev.vignette.captions.RgbImage;
import dev.vignette.captions.batch.CaptionDetails;
import dev.vignette.captions.batch.ContentHash;
import dev.vignette.captions.batch.ImageCaptioner;
import dev.vignette.captions.batch.ModelFingerprint;
import dev.vignette.captions.batch.ScoredToken;
import dev.vignette.captions.decoding.GenerationConfig;
import dev.vignette.captions.decoding.Hypothesis;
import dev.vignette.llama.LlamaRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A LLaVA with one instruction and one configuration, as a run over many images uses it. */
public final class InstructedCaptioner implements ImageCaptioner<RgbImage> {

  private final LlavaCaptioner captioner;
  private final LlavaOptions options;
  private final String instruction;
  private final GenerationConfig config;
  private StageMillis totals = new StageMillis(0, 0, 0);

  /** The captioner stays the caller's, to close. */
  public InstructedCaptioner(
      LlavaCaptioner captioner, String instruction, GenerationConfig config) {
    this.captioner = captioner;
    this.options = captioner.options();
    this.instruction = instruction;
    this.config = config;
  }

  @Override
  public RgbImage prepare(RgbImage image) {
    return captioner.prepare(image);
  }

  @Override
  public List<CaptionDetails> caption(List<RgbImage> images) {
    List<CaptionDetails> captions = new ArrayList<>(images.size());
    for (RgbImage image : images) {
      Caption caption = captioner.encode(image).caption(instruction, config);
      totals = totals.plus(caption.millis());
      captions.add(details(caption));
    }
    return captions;
  }

  /** Milliseconds in each stage, over all captions so far. */
  public StageMillis totals() {
    return totals;
  }

  private static CaptionDetails details(Caption caption) {
    Hypothesis hypothesis = caption.hypothesis();
    List<ScoredToken> tokens = new ArrayList<>(hypothesis.tokens().length);
    for (int i = 0; i < hypothesis.tokens().length; i++) {
      tokens.add(new ScoredToken(hypothesis.tokens()[i], hypothesis.logProbabilities()[i]));
    }
    return new CaptionDetails(
        caption.text(),
        tokens,
        hypothesis.score(),
        caption.millis().encode(),
        caption.millis().prefill(),
        caption.millis().decode());
  }

  /**
   * Files of the model, instruction and every setting of generation; not the device, nor how many
   * threads.
   */
  @Override
  public ModelFingerprint fingerprint() {
    return ModelFingerprint.of(
        Map.of(
            "model", hash(options.model()),
            "projector", hash(options.projector()),
            "llama.cpp", LlamaRuntime.load(options.load().device()).version(),
            "framing", options.framing().name(),
            "template", options.template().toString(),
            "instruction", instruction,
            "generation", config.toString()));
  }

  private static String hash(Path file) {
    try {
      return ContentHash.sampled(file);
    } catch (IOException e) {
      throw new UncheckedIOException("'%s' cannot be read: %s".formatted(file, e), e);
    }
  }
}
