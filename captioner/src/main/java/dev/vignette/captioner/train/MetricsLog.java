package dev.vignette.captioner.train;

import dev.vignette.files.AtomicFile;
import dev.vignette.files.TextFile;
import dev.vignette.files.faults.MalformedDataException;
import dev.vignette.files.faults.UnwritableFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code metrics.jsonl}: a line {@code {"step", "epoch", "loss", "rate", ...}} a logged step and a
 * line {@code {"step", "epoch", "validation": {...}}} an epoch.
 */
final class MetricsLog {
  /** Of the file of captions that a line has figures of. */
  static final String CAPTIONS_HASH = "captions_sha256";

  private static final String VALIDATION = "validation";
  private static final Set<String> NO_FIGURES = Set.of(VALIDATION, CAPTIONS_HASH);
  private static final String COUNT = "a whole number of 0 or more";

  /** How JSON writes figures that it has no numbers for. */
  private static final Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");

  private final Path file;

  MetricsLog(Path file) {
    this.file = file;
  }

  /**
   * Drops the lines after a state, and a line cut short by a kill: a resumed run writes them anew.
   * An epoch that the state has behind it keeps its validation.
   */
  void rewindTo(TrainState state) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    List<String> kept = new ArrayList<>();
    for (JsonNode line : lines()) {
      boolean done =
          line.has(VALIDATION)
              ? line.path("epoch").asInt() < state.epoch()
              : line.path("step").asLong() <= state.step();
      if (done) {
        kept.add(line.toString());
      }
    }
    AtomicFile.writeString(file, kept.isEmpty() ? "" : String.join("\n", kept) + "\n");
  }

  /** A new line for {@link #append}. */
  static ObjectNode line(long step, int epoch) {
    return JsonMapper.shared().createObjectNode().put("step", step).put("epoch", epoch);
  }

  void append(JsonNode line) {
    try {
      Files.writeString(
          file,
          line + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException failure) {
      throw new UnwritableFileException(
          "%s cannot be written (%s). Make room or give permission, and go on with captioner train --resume."
              .formatted(file, UnwritableFileException.reasonOf(failure)),
          failure);
    }
  }

  /**
   * The whole lines so far; the last one may have been torn by a kill.
   *
   * @throws MalformedDataException naming a line that is none of a run's, or is damaged and
   *     followed by others, since those after it would be missed
   */
  List<JsonNode> lines() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    List<String> texts = texts();
    for (int number = 1; number <= texts.size(); number++) {
      String text = texts.get(number - 1);
      try {
        if (!text.isBlank()) {
          lines.add(checked(JsonMapper.shared().readTree(text), number));
        }
      } catch (JacksonException e) {
        if (number < texts.size()) {
          throw new MalformedDataException(
              "%s, line %d: this is no JSON, and %d lines follow it. Copy the run again, or take the line out."
                  .formatted(file, number, texts.size() - number),
              e);
        }
      }
    }
    return lines;
  }

  private List<String> texts() throws IOException {
    if (Files.isDirectory(file)) {
      throw new MalformedDataException(
          "%s must be a file of a run's figures, and it is a folder. Move it away, and copy the run again."
              .formatted(file));
    }
    return Files.exists(file) ? TextFile.read(file).lines().toList() : List.of();
  }

  private JsonNode checked(JsonNode line, int number) {
    require(line.isObject(), number, "the line", line, "a JSON object");
    JsonNode step = line.path("step");
    require(isCount(step) && step.canConvertToLong(), number, "step", step, COUNT);
    JsonNode epoch = line.path("epoch");
    require(isCount(epoch) && epoch.canConvertToInt(), number, "epoch", epoch, COUNT);
    if (line.has(VALIDATION)) {
      JsonNode scores = line.path(VALIDATION);
      require(scores.isObject(), number, VALIDATION, scores, "an object of figures");
      requireFigures(scores, number, VALIDATION + ".");
    }
    requireFigures(line, number, "");
    return line;
  }

  private static boolean isCount(JsonNode value) {
    return value.isIntegralNumber() && value.asBigInteger().signum() >= 0;
  }

  private void requireFigures(JsonNode node, int number, String prefix) {
    node.properties()
        .forEach(entry -> {
          JsonNode value = entry.getValue();
          if (prefix.isEmpty() && entry.getKey().equals(CAPTIONS_HASH)) {
            require(value.isString(), number, CAPTIONS_HASH, value, "a hash");
          }
          boolean figure =
              value.isNumber() || (value.isString() && NOT_FINITE.contains(value.asString()));
          require(
              figure || (prefix.isEmpty() && NO_FIGURES.contains(entry.getKey())),
              number,
              prefix + entry.getKey(),
              value,
              "a number");
        });
  }

  private void require(boolean met, int number, String name, JsonNode value, String allowed) {
    if (!met) {
      throw new MalformedDataException(
          "%s, line %d: %s must be %s, and %s. Copy the run again, or take the line out."
              .formatted(
                  file,
                  number,
                  name,
                  allowed,
                  value.isMissingNode() ? "it is missing" : "it is " + value));
    }
  }
}
