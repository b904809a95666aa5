package dev.vignette.llava;

import dev.vignette.captions.RgbImage;
import dev.vignette.captions.batch.CaptionDetails;
import dev.vignette.captions.batch.CaptionTask;
import dev.vignette.captions.batch.CaptionWorker;
import dev.vignette.captions.batch.CaptionWorkers;
import dev.vignette.captions.batch.GroupWorker;
import dev.vignette.captions.batch.ModelFingerprint;
import dev.vignette.captions.decoding.GenerationConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * A LLaVA that answers one or several settings an image, which it encodes and reads once, as a run
 * over many images uses it.
 */
public final class LlavaWorkers implements CaptionWorkers<RgbImage> {

  private final LlavaCaptioner captioner;
  private final LlavaFingerprint fingerprint;
  private final SequencedMap<String, CaptionSetting> settings = new LinkedHashMap<>();
  private final SequencedMap<String, StageTotals> totals = new LinkedHashMap<>();
  private StageTotals images = StageTotals.NONE;

  /**
   * The captioner stays the caller's, to close.
   *
   * @param settings with names that are unique
   */
  public LlavaWorkers(LlavaCaptioner captioner, List<CaptionSetting> settings) {
    this.captioner = captioner;
    this.fingerprint = LlavaFingerprint.of(captioner.options());
    for (CaptionSetting setting : settings) {
      if (this.settings.put(setting.name(), setting) != null) {
        throw new IllegalArgumentException(
            "settings have names of their own, but two are called '%s'; rename one"
                .formatted(setting.name()));
      }
      totals.put(setting.name(), StageTotals.NONE);
    }
  }

  /** A LLaVA with one instruction and one configuration. */
  public static LlavaWorkers of(
      LlavaCaptioner captioner, String instruction, GenerationConfig config) {
    return new LlavaWorkers(
        captioner, List.of(new CaptionSetting(ONLY_SETTING, instruction, config)));
  }

  @Override
  public RgbImage prepare(RgbImage image) {
    return captioner.prepare(image);
  }

  @Override
  public List<String> settings() {
    return List.copyOf(settings.sequencedKeySet());
  }

  @Override
  public ModelFingerprint fingerprint(String name) {
    CaptionSetting setting = setting(name);
    return fingerprint.with(setting.instruction(), setting.config());
  }

  @Override
  public CaptionWorker<RgbImage> open(int number) {
    return new GroupWorker<>(1, tasks -> tasks.stream().map(this::caption).toList());
  }

  private List<CaptionDetails> caption(CaptionTask<RgbImage> task) {
    EncodedImage encoded = captioner.encode(task.prepared());
    List<CaptionSetting> asked = task.settings().stream().map(this::setting).toList();
    List<Caption> captions = encoded.captions(asked);
    images = images.plus(encoded.imageMillis());
    List<CaptionDetails> details = new ArrayList<>(captions.size());
    for (int i = 0; i < captions.size(); i++) {
      Caption caption = captions.get(i);
      totals.merge(
          asked.get(i).name(),
          new StageTotals(1, caption.millis().withoutEncode()),
          StageTotals::plus);
      details.add(details(encoded, caption, asked.get(i).config()));
    }
    return details;
  }

  /** With a single setting the image's own time is part of its caption's. */
  private CaptionDetails details(EncodedImage encoded, Caption caption, GenerationConfig config) {
    StageMillis millis =
        settings.size() == 1
            ? caption.millis().plus(encoded.imageMillis().withoutEncode())
            : caption.millis();
    CaptionDetails details = new Caption(caption.text(), caption.hypothesis(), millis).details();
    return caption.holdsStop(config, captioner) ? details.endedByStop() : details;
  }

  private CaptionSetting setting(String name) {
    return Objects.requireNonNull(
        settings.get(name), () -> "there is no setting '%s'".formatted(name));
  }

  /** Encoding and reading, over all images so far. */
  public StageTotals imageTotals() {
    return images;
  }

  /** Reading the instruction and generating, over all captions so far, by setting. */
  public SequencedMap<String, StageTotals> totals() {
    return Collections.unmodifiableSequencedMap(totals);
  }

  /** Milliseconds in each stage, over all images and captions so far. */
  public StageMillis millis() {
    StageMillis sum = images.millis();
    for (StageTotals ofSetting : totals.values()) {
      sum = sum.plus(ofSetting.millis());
    }
    return sum;
  }
}
