package dev.vignette.eval.report;

import dev.vignette.eval.EvalInputs.ScoredImage;
import dev.vignette.eval.EvalReport;
import dev.vignette.eval.EvalReport.MetricFigure;
import dev.vignette.eval.metric.Bleu.BleuCounts;
import dev.vignette.files.OwnFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.core.JsonGenerator;

/**
 * A report as JSON, for {@code vignette eval compare} and for other programs: {@code
 * {"vignette_eval": 1, "fingerprint": {…}, "notes": […], "metrics": {"CIDEr": {"value", "low",
 * "high", "strict"?}}, "images": [{"image", "image_id", "file_name", "caption", "CIDEr": …, "bleu":
 * [length, reference, correct 1 to 4]}]}}.
 */
public final class JsonReport {
  /** The member that says what the file is, and its version. */
  static final String MARK = "vignette_eval";

  static final int VERSION = 1;

  private static final Pattern NUMBER = Pattern.compile("0|-?[1-9]\\d*");

  private JsonReport() {}

  /**
   * Returns whether nothing of anybody's is lost when {@code file} is written: it is not there, is
   * empty, or is a report.
   *
   * @throws IOException if it cannot be read
   */
  public static boolean isFree(Path file) throws IOException {
    return OwnFile.isFreeOrBegins(file, "{\"" + MARK + "\":");
  }

  /** Writes a report, whole or not at all. */
  public static void write(Path file, EvalReport report) {
    JsonOutput.write(
        file,
        json -> {
          json.writeNumberProperty(MARK, VERSION);
          head(json, report);
          List<BleuCounts> counts = report.bleuCounts();
          json.writeArrayPropertyStart("images");
          for (int image = 0; image < report.images().size(); image++) {
            json.writeRaw('\n');
            image(json, report, image, counts);
          }
          json.writeEndArray();
        });
  }

  private static void head(JsonGenerator json, EvalReport report) {
    json.writeObjectPropertyStart("fingerprint");
    report.fingerprint().facts().forEach(json::writeStringProperty);
    json.writeEndObject();
    json.writeArrayPropertyStart("notes");
    report.notes().forEach(json::writeString);
    json.writeEndArray();
    json.writeObjectPropertyStart("metrics");
    for (MetricFigure figure : report.figures()) {
      json.writeObjectPropertyStart(figure.name());
      json.writeNumberProperty("value", figure.corpus());
      json.writeNumberProperty("low", figure.interval().low());
      json.writeNumberProperty("high", figure.interval().high());
      figure
          .otherwise()
          .ifPresent(
              other -> json.writeNumberProperty(report.tokenization().other().toString(), other));
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  /** Writes an id as annotations have it: a number, or a text that is none. */
  private static void writeId(JsonGenerator json, String id) {
    json.writeName("image_id");
    if (NUMBER.matcher(id).matches()) {
      json.writeNumber(id);
    } else {
      json.writeString(id);
    }
  }

  private static void image(
      JsonGenerator json, EvalReport report, int place, List<BleuCounts> bleuCounts) {
    ScoredImage image = report.images().get(place);
    json.writeStartObject();
    json.writeStringProperty("image", image.image().stem());
    writeId(json, image.image().id());
    json.writeStringProperty("file_name", image.image().fileName());
    json.writeStringProperty("caption", image.caption());
    for (MetricFigure figure : report.figures()) {
      json.writeNumberProperty(figure.name(), figure.result().image(place));
    }
    if (!bleuCounts.isEmpty()) {
      BleuCounts counts = bleuCounts.get(place);
      json.writeArrayPropertyStart("bleu");
      json.writeNumber(counts.length());
      json.writeNumber(counts.reference());
      for (int order = 1; order <= 4; order++) {
        json.writeNumber(counts.correct(order));
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }
}
