package dev.vignette.llava;

import dev.vignette.captions.RgbImage;
import dev.vignette.captions.batch.CaptionDetails;
import dev.vignette.captions.batch.ModelFingerprint;
import dev.vignette.captions.batch.SettingsCaptioner;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;

/** A LLaVA that answers several settings an image, which it encodes and reads once. */
public final class ComparedCaptioner implements SettingsCaptioner<RgbImage> {

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
  public ComparedCaptioner(LlavaCaptioner captioner, List<CaptionSetting> settings) {
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

  @Override
  public RgbImage prepare(RgbImage image) {
    return captioner.prepare(image);
  }

  @Override
  public List<CaptionDetails> caption(RgbImage image, List<String> names) {
    EncodedImage encoded = captioner.encode(image);
    List<Caption> captions = encoded.captions(names.stream().map(this::setting).toList());
    images = images.plus(encoded.imageMillis());
    List<CaptionDetails> details = new ArrayList<>(captions.size());
    for (int i = 0; i < captions.size(); i++) {
      StageMillis own = captions.get(i).millis().withoutEncode();
      totals.merge(names.get(i), new StageTotals(1, own), StageTotals::plus);
      details.add(captions.get(i).details());
    }
    return details;
  }

  private CaptionSetting setting(String name) {
    return Objects.requireNonNull(
        settings.get(name), () -> "there is no setting '%s'".formatted(name));
  }

  @Override
  public ModelFingerprint fingerprint(String name) {
    CaptionSetting setting = setting(name);
    return fingerprint.with(setting.instruction(), setting.config());
  }

  /** Encoding and reading, over all images so far. */
  public StageTotals imageTotals() {
    return images;
  }

  /** Reading the instruction and generating, over all captions so far, by setting. */
  public SequencedMap<String, StageTotals> totals() {
    return Collections.unmodifiableSequencedMap(totals);
  }
}
