package dev.vignette.cli.llava;

import dev.vignette.eval.report.RankingTable.Column;
import dev.vignette.llava.Caption.StageMillis;
import dev.vignette.llava.Caption.StageMillis.StageTotals;
import dev.vignette.llava.LlavaWorkers;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import tools.jackson.core.JsonGenerator;

/**
 * Where the time of a comparison went, as far as it was captioned now and not taken from an earlier
 * run.
 *
 * @param images how many there are
 * @param shared encoding and reading the images
 * @param bySetting reading the instruction and generating, by setting
 */
public record SettingTimings(
    int images, StageTotals shared, SequencedMap<String, StageTotals> bySetting) {

  /** Copies the map. */
  public SettingTimings {
    bySetting = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(bySetting));
  }

  /** Those of workers whose run has ended. */
  public static SettingTimings of(int images, LlavaWorkers workers) {
    return new SettingTimings(images, workers.imageTotals(), workers.totals());
  }

  /**
   * Milliseconds that one image would take by this setting alone: encoding and reading the image,
   * reading the instruction, generating; empty if it captioned none now.
   */
  OptionalDouble millisAlone(String setting) {
    StageTotals own = bySetting.getOrDefault(setting, StageTotals.NONE);
    return own.count() == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(shared.mean() + own.mean());
  }

  /** Milliseconds and images a second by each setting alone. */
  List<Column> columns() {
    Map<String, String> millis = new LinkedHashMap<>();
    Map<String, String> rates = new LinkedHashMap<>();
    bySetting.forEach((setting, own) ->
        millisAlone(setting)
            .ifPresent(alone -> {
              String resumed =
                  own.count() == images ? "" : " (%d of %d)".formatted(own.count(), images);
              millis.put(setting, String.format(Locale.ROOT, "%.2f", alone));
              rates.put(setting, String.format(Locale.ROOT, "%.1f%s", 1e3 / alone, resumed));
            }));
    return List.of(new Column("ms", millis), new Column("images/s", rates));
  }

  /** All settings together, over the images captioned now. */
  private StageMillis together() {
    StageMillis sum = shared.millis();
    for (StageTotals own : bySetting.values()) {
      sum = sum.plus(own.millis());
    }
    return sum;
  }

  /** A sentence on the whole. */
  String summary() {
    int count = shared.count();
    if (count == 0) {
      return "Nothing was captioned now: all captions are from earlier runs, so no time was measured.";
    }
    StageMillis sum = together();
    return String.format(
        Locale.ROOT,
        "%d settings together, %d of %d images captioned now: %.2f ms an image (encode %.2f, prefill %.2f, decode %.2f), %.1f images/s%s.",
        bySetting.size(),
        count,
        images,
        sum.total() / count,
        sum.encode() / count,
        sum.prefill() / count,
        sum.decode() / count,
        1e3 * count / sum.total(),
        againstAlone(sum.total() / count));
  }

  /** How much longer all take than one on average; nothing where some had captions before. */
  private String againstAlone(double together) {
    boolean allWorked = bySetting.values().stream().allMatch(own -> own.count() == shared.count());
    if (!allWorked) {
      return "; some settings had captions of an earlier run";
    }
    double alone =
        bySetting.keySet().stream()
            .mapToDouble(setting -> millisAlone(setting).orElse(0))
            .average()
            .orElse(together);
    return String.format(
        Locale.ROOT, ", %.2f times one setting alone on average", together / alone);
  }

  void writeShared(JsonGenerator json) {
    json.writeNumberProperty("images_captioned_now", shared.count());
    json.writeObjectPropertyStart("milliseconds_an_image");
    int count = Math.max(1, shared.count());
    json.writeNumberProperty("encode", shared.millis().encode() / count);
    json.writeNumberProperty("image_prefill", shared.millis().prefill() / count);
    json.writeNumberProperty("all_settings", together().total() / count);
    json.writeEndObject();
  }

  void write(JsonGenerator json, String setting) {
    StageTotals own = bySetting.getOrDefault(setting, StageTotals.NONE);
    json.writeNumberProperty("captioned_now", own.count());
    OptionalDouble alone = millisAlone(setting);
    if (alone.isPresent()) {
      json.writeObjectPropertyStart("milliseconds");
      json.writeNumberProperty("instruction_prefill", own.millis().prefill() / own.count());
      json.writeNumberProperty("decode", own.millis().decode() / own.count());
      json.writeNumberProperty("alone", alone.getAsDouble());
      json.writeEndObject();
      json.writeNumberProperty("images_per_second", 1e3 / alone.getAsDouble());
    }
  }
}
