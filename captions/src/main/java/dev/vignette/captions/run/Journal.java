package dev.vignette.captions.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The state beside the predictions: a header and lines that are written as soon as something is
 * done, so that a kill costs the images in hand and no other. When a run ends, {@link #compact}
 * leaves only what counts, sorted.
 */
public final class Journal implements AutoCloseable {
  private final JournalHeader header;
  private final JournalState state;
  private final LineLog log;
  private int lines;

  /** Reads lines into a state. */
  private static final class Reader {
    final JournalState state = new JournalState();
    private final Path file;
    private final JournalHeader expected;
    int lines;

    Reader(Path file, KeyMode keys) {
      this.file = file;
      this.expected = JournalHeader.of(keys);
    }

    void read(String line) {
      if (lines++ == 0) {
        requireSame(file, line, expected);
      } else {
        JournalLine.parse(line).ifPresent(state::add);
      }
    }
  }

  private Journal(Path file, KeyMode keys) {
    header = JournalHeader.of(keys);
    Reader reader = new Reader(file, keys);
    log = LineLog.open(file, reader::read);
    state = reader.state;
    lines = reader.lines;
    if (lines == 0) {
      log.append(List.of(header.format()));
      lines++;
    }
  }

  /**
   * Opens or makes the journal {@code file}. Lines that say nothing, as a power failure can leave
   * them, count as not there.
   *
   * @throws UsageException if another run has it open, or its header is another one
   * @throws UncheckedIOException if it cannot be read and written
   */
  public static Journal open(Path file, KeyMode keys) {
    return new Journal(file, keys);
  }

  /**
   * Looks into the journal {@code file} without opening it for a run; empty if it is not there or
   * has not even a header.
   *
   * @throws UsageException if its header is another one
   * @throws UncheckedIOException if it cannot be read
   */
  static Optional<JournalState> look(Path file, KeyMode keys) {
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    Reader reader = new Reader(file, keys);
    try (InputStream in = Files.newInputStream(file)) {
      LineLog.read(in, reader::read);
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "%s cannot be read (%s). Give permission, or another --output."
              .formatted(file, failure.getMessage()),
          failure);
    }
    return reader.lines == 0 ? Optional.empty() : Optional.of(reader.state);
  }

  private static void requireSame(Path file, String firstLine, JournalHeader expected) {
    JournalHeader found =
        JournalHeader.parse(firstLine)
            .orElseThrow(() ->
                new UsageException(
                    "%s should be the journal of a captioning run, but begins with other text. Move it away, or give another --output."
                        .formatted(file)));
    if (!found.version().equals(expected.version())) {
      throw new UsageException(
          "The journal %s has version %s, but this program writes version %s. Use the program that made it, or give another --output."
              .formatted(file, found.version(), expected.version()));
    }
    if (!found.keys().equals(expected.keys())) {
      throw new UsageException(
          "The captions of %s have keys of the kind %s, but --keys is %s, and one file has one kind. Give --keys %s, or another --output."
              .formatted(file, found.keys(), expected.keys(), found.keys()));
    }
  }

  /** Returns what its lines say together. */
  JournalState state() {
    return state;
  }

  /**
   * Adds a line.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  void append(JournalLine line) {
    appendAll(List.of(line));
  }

  /** Adds lines in one go; see {@link #append}. */
  void appendAll(Collection<? extends JournalLine> more) {
    log.append(more.stream().map(JournalLine::format).toList());
    lines += more.size();
    more.forEach(state::add);
  }

  /** Waits until all lines are on the disk. */
  void force() {
    log.force();
  }

  /**
   * Rewrites the file, whole or not at all, where it has lines that count no more.
   *
   * @throws UncheckedIOException if it cannot be written; nothing is lost then
   */
  void compact() {
    state.compact();
    List<String> live = state.lines().map(JournalLine::format).toList();
    if (lines == 1 + live.size()) {
      return;
    }
    log.replace(out -> {
      out.write((header.format() + "\n").getBytes(StandardCharsets.UTF_8));
      for (String line : live) {
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      }
    });
    lines = 1 + live.size();
  }

  @Override
  public void close() {
    log.close();
  }

  /**
   * The first line of a journal.
   *
   * @param version of the format
   * @param keys what the keys of the predictions name, as {@link KeyMode} spells it
   */
  record JournalHeader(String version, String keys) {
    static final String FORMAT = "vignette captions journal";
    static final String VERSION = "1";

    static JournalHeader of(KeyMode keys) {
      return new JournalHeader(VERSION, keys.toString());
    }

    /** The header that {@code line} says, empty if it says none. */
    static Optional<JournalHeader> parse(String line) {
      return JsonLines.parse(line)
          .filter(members -> FORMAT.equals(members.get("format")))
          .map(members ->
              new JournalHeader(
                  members.getOrDefault("version", "unknown"),
                  members.getOrDefault("keys", "unknown")));
    }

    /** The line of this header. */
    String format() {
      return JsonLines.format(json -> {
        json.writeStringProperty("format", FORMAT);
        json.writeStringProperty("version", version);
        json.writeStringProperty("keys", keys);
      });
    }
  }
}
