package dev.vignette.eval.report;

import dev.vignette.eval.EvalInputs.ScoredImage;
import dev.vignette.eval.EvalReport;
import dev.vignette.eval.EvalReport.MetricFigure;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.OwnFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The figures of every image as CSV (RFC 4180, UTF-8): image, id, file, metrics, caption. */
public final class CsvReport {
  /** How the first line begins. */
  private static final String HEADER = "image,image_id,file_name";

  private CsvReport() {}

  /**
   * Returns whether nothing of anybody's is lost when {@code file} is written: it is not there, is
   * empty, or is such a table.
   *
   * @throws IOException if it cannot be read
   */
  public static boolean isFree(Path file) throws IOException {
    return OwnFile.isFreeOrBegins(file, HEADER + ",");
  }

  /** Writes a line an image, whole or not at all. */
  public static void write(Path file, EvalReport report) {
    AtomicFile.write(
        file,
        out -> {
          Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
          writer.write(HEADER);
          for (MetricFigure figure : report.figures()) {
            writer.write("," + figure.name());
          }
          writer.write(",caption\r\n");
          for (int place = 0; place < report.images().size(); place++) {
            writer.write(line(report, place));
          }
          writer.flush();
        });
  }

  private static String line(EvalReport report, int place) {
    ScoredImage image = report.images().get(place);
    StringBuilder line = new StringBuilder();
    line.append(field(image.image().stem()));
    line.append(',').append(field(image.image().id()));
    line.append(',').append(field(image.image().fileName()));
    for (MetricFigure figure : report.figures()) {
      line.append(',').append(figure.result().image(place));
    }
    return line.append(',').append(field(image.caption())).append("\r\n").toString();
  }

  private static String field(String text) {
    boolean quoted = text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return quoted ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }
}
