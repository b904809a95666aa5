package dev.vignette.cli.report;

import dev.vignette.cli.captioner.RunRanking;
import dev.vignette.cli.llava.ComparisonReport;
import dev.vignette.cli.report.Report.Exhibit;
import dev.vignette.eval.Ranking;
import java.util.List;
import java.util.stream.Collectors;

/** The sections of a report and their words. */
final class ReportSections {
  private ReportSections() {}

  static Report.Section instructions(ReportSteps.Best<ComparisonReport> best) {
    String text =
        "%d images, zero-shot by LLaVA; the best first, each compared with it on the same images by paired bootstrap. Where the interval of a difference spans 0, these images do not tell the two apart. Fingerprint: %s."
            .formatted(
                best.comparison().ranking().images(), fingerprint(best.comparison().ranking()));
    return new Report.Section(
        "Which instruction captions best?",
        text,
        List.of(ComparisonTables.ofSettings(best.comparison())),
        List.of(),
        List.of());
  }

  private static String fingerprint(Ranking ranking) {
    return ranking.fingerprint().facts().entrySet().stream()
        .map(fact -> fact.getKey() + ' ' + fact.getValue())
        .collect(Collectors.joining(", "));
  }

  static Report.Section runs(ReportSteps.Best<RunRanking> best, List<Report.Picture> curves) {
    return new Report.Section(
        "Which training run captions best?",
        "ViT and GPT-2 with low-rank adapters, by the captions of each run's best epoch on %d images."
            .formatted(best.comparison().ranking().images()),
        List.of(ComparisonTables.ofRuns(best.comparison())),
        curves,
        List.of());
  }

  static Report.Section attention(List<Exhibit> exhibits) {
    return new Report.Section(
        "What did the words look at?",
        "Point at a word, tap it, or move along the words with the Tab key: its region lights up. Both captioners' best captions were read again with their attention traced; a word's map is that of the position which predicted it.",
        List.of(),
        List.of(),
        exhibits);
  }

  static Report.Section extremes(List<Exhibit> exhibits) {
    return new Report.Section(
        "Best and worst pairs by CLIPScore",
        "Of all captions scored above, the one that fits its image best and the one that fits worst, for each captioner.",
        List.of(),
        List.of(),
        exhibits);
  }
}
