package dev.vignette.eval.report;

import dev.vignette.eval.EvalInputs.ScoredImage;
import dev.vignette.eval.EvalReport;
import dev.vignette.eval.EvalReport.MetricFigure;
import dev.vignette.eval.ImageFolder;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.OwnFile;
import dev.vignette.files.sentences.NameList;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A report as one HTML page that needs no network: figures with their intervals, how each metric is
 * distributed, the best and the worst images, and a table of all of them. The page is {@code
 * page.html} with the report's data in it.
 */
public final class ReportPage {
  private static final String TEMPLATE = "page.html";
  private static final String DATA = "@DATA@";

  /** What is in the head of every page. */
  private static final String MARK = "<title>Captions evaluated</title>";

  private static final double PRECISION = 1e5;
  private static final JsonFactory FACTORY = new JsonFactory();

  private ReportPage() {}

  /**
   * Returns whether nothing of anybody's is lost when {@code file} is written: it is not there, is
   * empty, or is such a page.
   *
   * @throws IOException if it cannot be read
   */
  public static boolean isFree(Path file) throws IOException {
    return OwnFile.isFreeOrBegins(file, "<!DOCTYPE html>") && OwnFile.isFree(file, MARK);
  }

  /**
   * Writes the page, whole or not at all.
   *
   * @param folder where the images lie, for thumbnails
   * @param thumbnails how many images the page shows at most
   * @return the images that could not be read, with why
   */
  public static List<String> write(
      Path file, EvalReport report, Optional<ImageFolder> folder, int thumbnails) {
    Thumbnails pictures = Thumbnails.of(report, folder, thumbnails);
    String template = template();
    int at = template.indexOf(DATA);
    AtomicFile.write(
        file,
        out -> {
          out.write(template.substring(0, at).getBytes(StandardCharsets.UTF_8));
          // In a script element no text may look like its end.
          out.write(
              data(report, pictures).replace("<", "\\u003c").getBytes(StandardCharsets.UTF_8));
          out.write(template.substring(at + DATA.length()).getBytes(StandardCharsets.UTF_8));
        });
    return pictures.unreadable();
  }

  private static String template() {
    try (InputStream in = ReportPage.class.getResourceAsStream(TEMPLATE)) {
      if (in == null) {
        throw new IllegalStateException(
            TEMPLATE
                + " is missing beside "
                + ReportPage.class.getName()
                + ": the jar is incomplete");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(TEMPLATE + " cannot be read", e);
    }
  }

  private static String data(EvalReport report, Thumbnails pictures) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("other", report.tokenization().other().toString());
      json.writeObjectPropertyStart("fingerprint");
      report.fingerprint().facts().forEach(json::writeStringProperty);
      json.writeEndObject();
      json.writeArrayPropertyStart("notes");
      report.notes().forEach(json::writeString);
      if (!pictures.unreadable().isEmpty()) {
        json.writeString(NameList.of("Images that cannot be read", pictures.unreadable()) + ".");
      }
      json.writeEndArray();
      metrics(json, report);
      json.writeArrayPropertyStart("images");
      for (int place = 0; place < report.images().size(); place++) {
        image(json, report, place, pictures.addresses().get(place));
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void metrics(JsonGenerator json, EvalReport report) {
    json.writeArrayPropertyStart("metrics");
    for (MetricFigure figure : report.figures()) {
      json.writeStartObject();
      json.writeStringProperty("name", figure.name());
      json.writeNumberProperty("value", figure.corpus());
      json.writeNumberProperty("low", figure.interval().low());
      json.writeNumberProperty("high", figure.interval().high());
      figure.otherwise().ifPresent(other -> json.writeNumberProperty("other", other));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void image(
      JsonGenerator json, EvalReport report, int place, @Nullable String picture) {
    ScoredImage image = report.images().get(place);
    json.writeStartObject();
    json.writeStringProperty("name", image.image().stem());
    json.writeStringProperty("caption", image.caption());
    json.writeArrayPropertyStart("references");
    image.image().captions().forEach(json::writeString);
    json.writeEndArray();
    json.writeArrayPropertyStart("scores");
    for (MetricFigure figure : report.figures()) {
      json.writeNumber(Math.round(figure.result().image(place) * PRECISION) / PRECISION);
    }
    json.writeEndArray();
    if (picture != null) {
      json.writeStringProperty("picture", picture);
    }
    json.writeEndObject();
  }
}
