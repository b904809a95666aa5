package dev.vignette.captions.run;

import dev.vignette.captions.run.JournalLine.JournalEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The details JSONL: a {@link DetailsLine} for each caption, added as soon as it is there. Of
 * several lines with one key the last counts, and {@link #compact} leaves no other.
 */
final class DetailsLog implements AutoCloseable {
  private final Path file;
  private final Map<String, Place> places = new HashMap<>();
  private final LineLog log;
  private int lines;

  /** What of a line says whether it still holds. */
  private record Mark(String key, String sha256, String fingerprint) {
    static Optional<Mark> parse(String line) {
      return JsonLines.parse(line)
          .map(members ->
              new Mark(
                  members.getOrDefault("key", ""),
                  members.getOrDefault("sha256", ""),
                  members.getOrDefault("fingerprint", "")))
          .filter(mark -> !mark.key.isEmpty() && !mark.fingerprint.isEmpty());
    }
  }

  private record Place(int line, Mark mark) {}

  private DetailsLog(Path file) {
    this.file = file;
    this.log = LineLog.open(file, "{\"key\":", this::read);
  }

  /**
   * Opens or makes {@code file}.
   *
   * @throws UsageException if another run has it open, or it holds something else
   * @throws UncheckedIOException if it cannot be read and written
   */
  static DetailsLog open(Path file) {
    return new DetailsLog(file);
  }

  private void read(String line) {
    Mark.parse(line)
        .ifPresentOrElse(mark -> places.put(mark.key(), new Place(lines, mark)), this::refuseOther);
    lines++;
  }

  private void refuseOther() {
    if (lines == 0) {
      throw new UsageException(
          "%s should hold the details of a captioning run, but begins with other text. Move it away, or give another --output."
              .formatted(file));
    }
  }

  /** Whether the last line of the key says what {@code entry} says. */
  boolean has(JournalEntry entry) {
    Place place = places.get(entry.key());
    return place != null
        && place.mark.equals(new Mark(entry.key(), entry.sha256(), entry.fingerprint()));
  }

  /**
   * Adds a line.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  void append(DetailsLine line) {
    log.append(List.of(line.format()));
    Mark mark = new Mark(line.image().key(), line.sha256(), line.fingerprint());
    places.put(mark.key, new Place(lines++, mark));
  }

  /** Drops the lines of {@code key}; the file follows at the next {@link #compact}. */
  void forget(String key) {
    places.remove(key);
  }

  /** Waits until all lines are on the disk. */
  void force() {
    log.force();
  }

  /**
   * Rewrites the file, whole or not at all, where it has lines that count no more.
   *
   * @throws UncheckedIOException if it cannot be written; nothing is lost then. Or if somebody took
   *     it away meanwhile
   */
  void compact() {
    log.requireInPlace();
    if (lines == places.size()) {
      return;
    }
    log.replace(this::writeLive);
    int place = 0;
    for (Map.Entry<String, Place> live : inOrder()) {
      places.put(live.getKey(), new Place(place++, live.getValue().mark));
    }
    lines = place;
  }

  private List<Map.Entry<String, Place>> inOrder() {
    return places.entrySet().stream()
        .sorted(Comparator.comparingInt(live -> live.getValue().line))
        .toList();
  }

  private void writeLive(OutputStream out) throws IOException {
    Set<Integer> live = new HashSet<>();
    places.values().forEach(place -> live.add(place.line));
    AtomicInteger number = new AtomicInteger();
    try (InputStream in = Files.newInputStream(file)) {
      LineLog.read(
          in,
          line -> {
            if (live.contains(number.getAndIncrement())) {
              out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
          });
    }
  }

  @Override
  public void close() {
    log.close();
  }

  /**
   * A line of the details JSONL.
   *
   * @param image what was captioned
   * @param details the caption and how it came about
   * @param sha256 of the image file
   * @param fingerprint {@link ModelFingerprint#hash} of {@code settings}
   * @param settings the model and what it was asked
   */
  record DetailsLine(
      ImageInput image,
      CaptionDetails details,
      String sha256,
      String fingerprint,
      Map<String, String> settings) {

    /** The line, without its end. */
    String format() {
      return JsonLines.format(json -> {
        json.writeStringProperty("key", image.key());
        json.writeStringProperty("path", image.path().toString());
        json.writeStringProperty("caption", details.caption());
        json.writeNumberProperty("score", details.score());
        json.writeArrayPropertyStart("tokens");
        details.tokens().forEach(token -> json.writeNumber(token.id()));
        json.writeEndArray();
        json.writeArrayPropertyStart("log_probabilities");
        details.tokens().forEach(token -> json.writeNumber(token.logProbability()));
        json.writeEndArray();
        json.writeObjectPropertyStart("milliseconds");
        json.writeNumberProperty("encode", details.encodeMillis());
        json.writeNumberProperty("prefill", details.prefillMillis());
        json.writeNumberProperty("decode", details.decodeMillis());
        json.writeEndObject();
        json.writeStringProperty("sha256", sha256);
        json.writeStringProperty("fingerprint", fingerprint);
        json.writeObjectPropertyStart("settings");
        settings.forEach(json::writeStringProperty);
        json.writeEndObject();
      });
    }
  }
}
