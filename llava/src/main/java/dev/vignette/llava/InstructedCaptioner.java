package dev.vignette.llava;

import dev.vignette.captions.RgbImage;
import dev.vignette.captions.batch.CaptionDetails;
import dev.vignette.captions.batch.ImageCaptioner;
import dev.vignette.captions.batch.ModelFingerprint;
import dev.vignette.captions.decoding.GenerationConfig;
import java.util.ArrayList;
import java.util.List;

/** A LLaVA with one instruction and one configuration, as a run over many images uses it. */
public final class InstructedCaptioner implements ImageCaptioner<RgbImage> {

  private final LlavaCaptioner captioner;
  private final String instruction;
  private final GenerationConfig config;
  private StageMillis totals = new StageMillis(0, 0, 0);

  /** The captioner stays the caller's, to close. */
  public InstructedCaptioner(
      LlavaCaptioner captioner, String instruction, GenerationConfig config) {
    this.captioner = captioner;
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
      captions.add(caption.details());
    }
    return captions;
  }

  /** Milliseconds in each stage, over all captions so far. */
  public StageMillis totals() {
    return totals;
  }

  /**
   * Files of the model, instruction and every setting of generation; not the device, nor how many
   * threads.
   */
  @Override
  public ModelFingerprint fingerprint() {
    return LlavaFingerprint.of(captioner.options()).with(instruction, config);
  }
}
