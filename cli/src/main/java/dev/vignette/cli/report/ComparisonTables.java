package dev.vignette.cli.report;

import dev.vignette.eval.report.TextGrid;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Comparisons as tables, the best first. */
final class ComparisonTables {
  private static final List<String> FIGURES = List.of("CIDEr", "CLIPScore");
  private static final String NONE = "";

  private ComparisonTables() {}

  /** Instructions and generation settings. */
  static TextGrid ofSettings(JsonNode comparison) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode system : comparison.required("systems")) {
      List<String> row = new ArrayList<>(List.of(system.required("instruction").asString()));
      addFigures(system, row);
      row.add(format("%.1f", system.path("mean_words").asDouble(0)));
      row.add(generation(system));
      rows.add(row);
    }
    List<String> header = new ArrayList<>(List.of("instruction"));
    addTitles(header);
    header.addAll(List.of("words", "generation"));
    return new TextGrid(header, rows);
  }

  private static String generation(JsonNode system) {
    List<String> options = new ArrayList<>();
    system
        .required("generation")
        .properties()
        .forEach(option -> options.add(option.getKey() + " " + option.getValue().asString()));
    return options.isEmpty() ? "defaults" : String.join(", ", options);
  }

  /** Training runs, with the settings in which they differ. */
  static TextGrid ofRuns(JsonNode comparison) {
    Set<String> settings = new LinkedHashSet<>();
    for (JsonNode system : comparison.required("systems")) {
      settings.addAll(system.required("settings_that_differ").propertyNames());
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode system : comparison.required("systems")) {
      List<String> row = new ArrayList<>(List.of(system.required("name").asString()));
      JsonNode values = system.required("settings_that_differ");
      settings.forEach(setting -> row.add(values.path(setting).asString(NONE)));
      row.add(format("%,d", system.required("parameters").asLong()));
      row.add(system.required("best_epoch").asInt() + " of " + system.required("epochs").asInt());
      addFigures(system, row);
      row.add(format("%.0f", system.required("training_seconds").asDouble()));
      rows.add(row);
    }
    List<String> header = new ArrayList<>(List.of("run"));
    header.addAll(settings);
    header.addAll(List.of("trainable", "best epoch, from 0"));
    addTitles(header);
    header.add("training s");
    return new TextGrid(header, rows);
  }

  private static void addTitles(List<String> header) {
    for (String figure : FIGURES) {
      header.add(figure + " [95%]");
    }
    header.add("CIDEr from the best [95%]");
  }

  private static void addFigures(JsonNode system, List<String> row) {
    JsonNode metrics = system.required("metrics");
    for (String figure : FIGURES) {
      JsonNode value = metrics.path(figure);
      row.add(
          value.isMissingNode()
              ? NONE
              : format(
                  "%.3f [%.3f, %.3f]",
                  value.required("value").asDouble(),
                  value.required("low").asDouble(),
                  value.required("high").asDouble()));
    }
    JsonNode difference = metrics.path("CIDEr").path("from_best");
    row.add(
        difference.isMissingNode()
            ? "best"
            : format(
                "%+.3f [%+.3f, %+.3f]",
                difference.required("difference").asDouble(),
                difference.required("low").asDouble(),
                difference.required("high").asDouble()));
  }

  private static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
