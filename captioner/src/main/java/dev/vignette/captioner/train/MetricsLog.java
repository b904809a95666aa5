package dev.vignette.captioner.train;

import dev.vignette.files.AtomicFile;
import dev.vignette.files.faults.MalformedDataException;
import dev.vignette.files.faults.UnwritableFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code metrics.jsonl}: a line {@code {"step", "epoch", "loss", "rate", ...}} a logged step and a
 * line {@code {"step", "epoch", "validation": {...}}} an epoch.
 */
final class MetricsLog {
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
          line.has("validation")
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
   * @throws MalformedDataException naming a line that is damaged and followed by others, since
   *     those after it would be missed
   */
  List<JsonNode> lines() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    List<String> texts = Files.exists(file) ? Files.readAllLines(file) : List.of();
    for (String text : texts) {
      try {
        lines.add(JsonMapper.shared().readTree(text));
      } catch (JacksonException e) {
        if (lines.size() + 1 < texts.size()) {
          throw new MalformedDataException(
              "%s, line %d: this is no JSON, and %d lines follow it. Copy the run again, or take the line out."
                  .formatted(file, lines.size() + 1, texts.size() - lines.size() - 1),
              e);
        }
      }
    }
    return lines;
  }
}
