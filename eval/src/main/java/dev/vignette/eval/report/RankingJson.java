package dev.vignette.eval.report;

import dev.vignette.eval.EvalReport.MetricFigure;
import dev.vignette.eval.Ranking;
import dev.vignette.eval.Ranking.RankedSystem;
import dev.vignette.eval.metric.Bootstrap.PairedDifference;
import dev.vignette.files.OwnFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/**
 * A ranking as JSON: {@code {"vignette_compare": 1, "metric", "images", "fingerprint": {…},
 * "systems": [{"name", …, "metrics": {"CIDEr": {"value", "low", "high", "from_best"?:
 * {"difference", "low", "high", "p", "won", "lost", "tied"}}}, "mean_words", "distinct"}]}}, the
 * best system first.
 */
public final class RankingJson {
  /** The first member of every such file. */
  public static final String MARK = "vignette_compare";

  private static final int VERSION = 1;

  private RankingJson() {}

  /**
   * Returns whether nothing of anybody's is lost when {@code file} is written: it is not there, is
   * empty, or is a ranking.
   *
   * @throws IOException if it cannot be read
   */
  public static boolean isFree(Path file) throws IOException {
    return OwnFile.isFreeOrBegins(file, "{\"" + MARK + "\":");
  }

  /**
   * Writes a ranking, whole or not at all.
   *
   * @param head writes further members of the whole
   * @param ofSystem writes further members of a system, by its name
   */
  public static void write(
      Path file,
      Ranking ranking,
      Consumer<JsonGenerator> head,
      BiConsumer<JsonGenerator, String> ofSystem) {
    JsonOutput.write(
        file,
        json -> {
          json.writeNumberProperty(MARK, VERSION);
          json.writeStringProperty("metric", ranking.metric());
          json.writeNumberProperty("images", ranking.images());
          json.writeObjectPropertyStart("fingerprint");
          ranking.fingerprint().facts().forEach(json::writeStringProperty);
          json.writeEndObject();
          head.accept(json);
          json.writeArrayPropertyStart("systems");
          for (RankedSystem system : ranking.systems()) {
            json.writeRaw('\n');
            system(json, system, ofSystem);
          }
          json.writeEndArray();
        });
  }

  private static void system(
      JsonGenerator json, RankedSystem system, BiConsumer<JsonGenerator, String> ofSystem) {
    json.writeStartObject();
    json.writeStringProperty("name", system.name());
    ofSystem.accept(json, system.name());
    json.writeObjectPropertyStart("metrics");
    for (MetricFigure figure : system.report().figures()) {
      json.writeObjectPropertyStart(figure.name());
      json.writeNumberProperty("value", figure.corpus());
      json.writeNumberProperty("low", figure.interval().low());
      json.writeNumberProperty("high", figure.interval().high());
      PairedDifference difference = system.fromBest().get(figure.name());
      if (difference != null) {
        difference(json, difference);
      }
      json.writeEndObject();
    }
    json.writeEndObject();
    json.writeNumberProperty("mean_words", system.meanWords());
    json.writeNumberProperty("distinct", system.distinct());
    json.writeEndObject();
  }

  private static void difference(JsonGenerator json, PairedDifference difference) {
    json.writeObjectPropertyStart("from_best");
    json.writeNumberProperty("difference", difference.difference());
    json.writeNumberProperty("low", difference.interval().low());
    json.writeNumberProperty("high", difference.interval().high());
    json.writeNumberProperty("p", difference.pValue());
    json.writeNumberProperty("won", difference.won());
    json.writeNumberProperty("lost", difference.lost());
    json.writeNumberProperty("tied", difference.tied());
    json.writeEndObject();
  }
}
