package dev.vignette.captions.batch;

import dev.vignette.captions.AtomicFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The state beside the predictions: a header and a line for each caption, written as soon as the
 * caption is there, so that a kill costs the image in hand and no other. Of several lines with one
 * key the last counts. When a run ends, {@link #compact} leaves one line a key, sorted.
 */
final class Journal implements AutoCloseable {
  private final Path file;
  private final JournalHeader header;
  private final SortedMap<String, List<JournalEntry>> entries = new TreeMap<>();
  private LineLog log;
  private int lines;

  private Journal(Path file, KeyMode keys) {
    this.file = file;
    this.header = JournalHeader.of(keys);
    this.log = LineLog.open(file, this::read);
    if (lines == 0) {
      append(header.format());
    }
  }

  /**
   * Opens or makes the journal {@code file}. Lines that are no entries, as a power failure can
   * leave them, count as not there.
   *
   * @throws UsageException if another run has it open, or its header is another one
   * @throws UncheckedIOException if it cannot be read and written
   */
  static Journal open(Path file, KeyMode keys) {
    return new Journal(file, keys);
  }

  private void read(String line) {
    if (lines++ == 0) {
      requireSame(file, line, header);
    } else {
      JournalEntry.parse(line).ifPresent(this::remember);
    }
  }

  /**
   * Checks the first line of a journal.
   *
   * @throws UsageException if it is no header, or not {@code expected}
   */
  static void requireSame(Path file, String firstLine, JournalHeader expected) {
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

  private void remember(JournalEntry entry) {
    entries.computeIfAbsent(entry.key(), _ -> new ArrayList<>(1)).add(entry);
  }

  /** The keys that have entries, sorted. */
  Collection<String> keys() {
    return entries.keySet();
  }

  /** The entry of {@code key} that counts. */
  Optional<JournalEntry> last(String key) {
    return Optional.ofNullable(entries.get(key)).map(List::getLast);
  }

  /** All entries of {@code key} since the last compaction, oldest first. */
  Stream<JournalEntry> all(String key) {
    return entries.getOrDefault(key, List.of()).stream();
  }

  /**
   * Adds an entry.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  void append(JournalEntry entry) {
    append(entry.format());
    remember(entry);
  }

  private void append(String line) {
    log.append(line);
    lines++;
  }

  /** Drops the entries of {@code key}; the file follows at the next {@link #compact}. */
  void forget(String key) {
    entries.remove(key);
  }

  /** Waits until all entries are on the disk. */
  void force() {
    log.force();
  }

  /**
   * Rewrites the file, whole or not at all, where it has lines that count no more.
   *
   * @throws UncheckedIOException if it cannot be written; nothing is lost then
   */
  void compact() {
    if (lines == 1 + entries.size()) {
      return;
    }
    AtomicFile.write(
        file,
        out -> {
          out.write((header.format() + "\n").getBytes(StandardCharsets.UTF_8));
          for (List<JournalEntry> ofKey : entries.values()) {
            out.write((ofKey.getLast().format() + "\n").getBytes(StandardCharsets.UTF_8));
          }
        });
    log.close();
    entries.clear();
    lines = 0;
    log = LineLog.open(file, this::read);
  }

  @Override
  public void close() {
    log.close();
  }
}
