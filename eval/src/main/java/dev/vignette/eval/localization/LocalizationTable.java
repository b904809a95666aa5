package dev.vignette.eval.localization;

import dev.vignette.eval.localization.LocalizationReport.ChoiceFigures;
import dev.vignette.eval.localization.LocalizationReport.Verdict;
import dev.vignette.eval.metric.Bootstrap.PairedDifference;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A localization report as lines of text. */
public final class LocalizationTable {
  private static final int SHOWN = 12;

  private LocalizationTable() {}

  /** The best choices, then what the chosen one is worth on images it was not chosen by. */
  public static String of(LocalizationReport report) {
    StringBuilder text = new StringBuilder();
    text.append(
        format(
            "%d nouns in %d captions have boxes (%d captions name none)%n",
            report.nouns(), report.images(), report.withoutNouns()));
    text.append(
        format(
            "%-46s%9s%7s   %s%n",
            "maps", "pointing", "mass", "mean map of the same: pointing, mass"));
    List<ChoiceFigures> best =
        report.choices().stream()
            .sorted(Comparator.comparingDouble(ChoiceFigures::mass).reversed())
            .limit(SHOWN)
            .toList();
    best.forEach(figures -> text.append(line(figures)));
    text.append(format("%-46s%9.4f%7.3f%n", "uniform map", report.uniformPointing(), 1.0));
    text.append(
        format("chosen on every second caption, measured on the others: %s%n", report.chosen()));
    text.append(verdict("pointing", report.pointing()));
    text.append(verdict("mass", report.mass()));
    text.append(
        report.pointing().beatsBoth() && report.mass().beatsBoth()
            ? format("Nouns look at what they name: all four intervals are above 0.%n")
            : format("Not shown that nouns look at what they name: an interval reaches 0.%n"));
    return text.toString();
  }

  private static String line(ChoiceFigures figures) {
    return format(
        "%-46s%9.4f%7.3f   %.4f, %.3f%n",
        figures.choice(),
        figures.pointing(),
        figures.mass(),
        figures.meanPointing(),
        figures.meanMass());
  }

  private static String verdict(String name, Verdict verdict) {
    return format(
        "%-9s %.4f [%.4f, %.4f]; over uniform %s; over the mean map %s%n",
        name,
        verdict.figure(),
        verdict.interval().low(),
        verdict.interval().high(),
        difference(verdict.overUniform()),
        difference(verdict.overMean()));
  }

  private static String difference(PairedDifference difference) {
    return format(
        "%+.4f [%+.4f, %+.4f]",
        difference.difference(), difference.interval().low(), difference.interval().high());
  }

  private static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
