package dev.vignette.eval.report;

import dev.vignette.eval.EvalReport;
import dev.vignette.eval.EvalReport.MetricFigure;
import dev.vignette.eval.metric.Cider;
import dev.vignette.eval.tokenize.Tokenization;
import java.util.Locale;

/** The figures of an evaluation as lines of text. */
public final class FigureTable {
  private static final String NOT_ASKED = "not computed";

  private FigureTable() {}

  /**
   * A line a metric, the fingerprint, and at last the homework's line, {@code CIDEr: … | CLIPScore:
   * …}, in full precision.
   */
  public static String of(EvalReport report) {
    StringBuilder text = new StringBuilder();
    text.append("%-14s%8s   95%% interval%n".formatted("metric", "figure"));
    for (MetricFigure figure : report.figures()) {
      text.append(
          "%-14s%8.4f   [%.4f, %.4f]%s%n"
              .formatted(
                  figure.name(),
                  figure.corpus(),
                  figure.interval().low(),
                  figure.interval().high(),
                  otherwise(figure, report.tokenization())));
    }
    text.append("fingerprint: ").append(report.fingerprint()).append(System.lineSeparator());
    text.append(closingLine(report)).append(System.lineSeparator());
    return text.toString();
  }

  /** The line that the homework ends with. */
  static String closingLine(EvalReport report) {
    return "CIDEr: " + full(report, Cider.NAME) + " | CLIPScore: " + full(report, "CLIPScore");
  }

  private static String full(EvalReport report, String name) {
    return report.figure(name).map(figure -> String.valueOf(figure.corpus())).orElse(NOT_ASKED);
  }

  private static String otherwise(MetricFigure figure, Tokenization tokenization) {
    return figure.otherwise().isEmpty()
        ? ""
        : String.format(
            Locale.ROOT,
            "   %s %.6f, %s %.6f",
            tokenization,
            figure.corpus(),
            tokenization.other(),
            figure.otherwise().getAsDouble());
  }
}
