package dev.vignette.cli.report;

import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.llava.ComparisonReport;
import dev.vignette.cli.run.OwnedFiles;
import dev.vignette.eval.report.RankingJson;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of a report, and what in it is a report's. */
final class ReportFolder {
  private ReportFolder() {}

  /**
   * Checks, before any work, that a report in {@code folder} replaces nothing but an earlier one.
   *
   * @throws UsageException naming a file of somebody else's
   */
  static void requireFree(Path folder) {
    OwnedFiles.require(folder.resolve("index.html"), ".attention-words {"); // of its style
    OwnedFiles.require(folder.resolve("report.md"), "## Which instruction captions best?");
    ComparisonReport.requireFree(folder.resolve("llava"));
    OwnedFiles.require(folder.resolve("captioner/comparison.json"), "\"" + RankingJson.MARK + "\"");
    for (String kind : new String[] {"llava", "captioner"}) {
      OwnedFiles.require(folder.resolve(kind).resolve("best-scores.json"), "\"vignette_eval\"");
    }
    if (Files.exists(folder.resolve("captioner/config.yaml"))) {
      throw new UsageException(
          "The report writes into %s, but that is a training run, whose curves.png would be lost. Give another --output."
              .formatted(folder.resolve("captioner")));
    }
  }
}
