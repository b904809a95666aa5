package dev.vignette.cli.llava;

import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.run.OwnedFiles;
import dev.vignette.eval.Ranking;
import dev.vignette.eval.report.RankingJson;
import dev.vignette.eval.report.RankingTable;
import dev.vignette.eval.report.TextGrid;
import dev.vignette.files.AtomicFile;
import dev.vignette.llava.CaptionSetting;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/**
 * What a comparison of settings found, as text, Markdown and JSON.
 *
 * @param ranking the settings, the best first
 * @param settings what they are
 * @param timings where the time went
 */
public record ComparisonReport(
    Ranking ranking, List<CaptionSetting> settings, SettingTimings timings) {
  /** The files that {@link #write} writes. */
  public static final List<String> FILES = List.of("comparison.md", "comparison.json");

  private static final String TITLE = "# Settings compared";
  private static final String WHAT = "setting";

  /** Copies the settings. */
  public ComparisonReport {
    settings = List.copyOf(settings);
  }

  /** The setting of a name that the ranking has. */
  public CaptionSetting setting(String name) {
    return settings.stream()
        .filter(setting -> setting.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** The table for the standard output, and a line on the time. */
  public String text() {
    return table().plain() + timings.summary() + System.lineSeparator();
  }

  private TextGrid table() {
    return RankingTable.of(ranking, WHAT, List.of(), timings.columns());
  }

  /**
   * Checks that {@link #write} would replace nothing in {@code folder} but an earlier report.
   *
   * @throws UsageException naming a file of somebody else's
   */
  public static void requireFree(Path folder) {
    OwnedFiles.require(folder.resolve(FILES.getFirst()), TITLE);
    OwnedFiles.require(folder.resolve(FILES.getLast()), "\"" + RankingJson.MARK + "\"");
  }

  /** Writes {@code comparison.md} and {@code comparison.json} to a folder, each whole. */
  public void write(Path folder) {
    AtomicFile.writeString(folder.resolve(FILES.getFirst()), markdown());
    RankingJson.write(
        folder.resolve(FILES.getLast()),
        ranking,
        timings::writeShared,
        (json, name) -> {
          describe(json, setting(name));
          timings.write(json, name);
        });
  }

  private static void describe(JsonGenerator json, CaptionSetting setting) {
    json.writeStringProperty("instruction", setting.instruction());
    json.writeObjectPropertyStart("generation");
    setting.config().described().forEach(json::writeStringProperty);
    json.writeEndObject();
    json.writeStringProperty("predictions", setting.name() + ".json");
  }

  private String markdown() {
    String text =
        """

        %d images; the best first, each compared with it on the same images.

        %s
        %s

        ## Settings

        %s
        ## Every metric

        %s
        Fingerprint: %s
        """
            .formatted(
                ranking.images(),
                table().markdown(),
                timings.summary(),
                description().markdown(),
                RankingTable.everyMetric(ranking, WHAT).markdown(),
                ranking.fingerprint());
    return TITLE + "\n" + text;
  }

  /** What each setting is. */
  private TextGrid description() {
    List<List<String>> rows =
        settings.stream()
            .map(setting ->
                List.of(setting.name(), setting.instruction(), setting.config().summary()))
            .toList();
    return new TextGrid(List.of(WHAT, "instruction", "generation"), rows);
  }
}
