package dev.vignette.captions.run;

import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.JournalLine.JournalEntry;
import dev.vignette.files.faults.UnwritableFileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The state beside the predictions: a header and lines that are written as soon as something is
 * done, so that a kill costs the images in hand and no other. When a run ends, {@link #compact}
 * leaves only what counts, sorted.
 */
final class Journal implements AutoCloseable {
  private final JournalHeader header;
  private final JournalState state;
  private final LineLog log;
  private final int damaged;
  private int lines;

  /** Reads lines into a state. */
  private static final class Reader {
    final JournalState state = new JournalState();
    private final Path file;
    private final JournalHeader expected;
    int lines;
    int damaged;

    Reader(Path file, KeyMode keys) {
      this.file = file;
      this.expected = JournalHeader.of(keys);
    }

    void read(String line) {
      if (lines++ == 0) {
        requireSame(file, line, expected);
      } else {
        JournalLine.parse(line)
            .ifPresentOrElse(state::add, () -> damaged += JsonLines.parse(line).isEmpty() ? 1 : 0);
      }
    }
  }

  private Journal(Path file, KeyMode keys) {
    header = JournalHeader.of(keys);
    Reader reader = new Reader(file, keys);
    log = LineLog.open(file, JournalHeader.BEGINNING, reader::read);
    state = reader.state;
    lines = reader.lines;
    damaged = reader.damaged;
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
          "%s cannot be read (%s). Give permission or a shorter name, or another --output."
              .formatted(file, UnwritableFileException.reasonOf(failure)),
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

  /** Returns how many of its lines were no JSON when it was opened. */
  int damaged() {
    return damaged;
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
    static final String BEGINNING = "{\"format\":\"" + FORMAT + "\"";

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

  /** What the lines of a journal say together; of several captions of one key the last counts. */
  static final class JournalState {
    private final SortedMap<String, List<JournalEntry>> entries = new TreeMap<>();
    private final SortedSet<String> failed = new TreeSet<>();
    private final Map<String, String> sidecarsOfFailed = new HashMap<>();
    private final SortedMap<String, List<JournalLine.Begun>> begun = new TreeMap<>();
    private final SortedSet<String> toRedo = new TreeSet<>();
    private final SortedMap<String, String> exported = new TreeMap<>();

    /** Takes one more line. */
    void add(JournalLine line) {
      String key = line.key();
      switch (line) {
        case JournalEntry entry -> {
          entries.computeIfAbsent(key, _ -> new ArrayList<>(1)).add(entry);
          failed.remove(key);
          begun.remove(key);
          toRedo.remove(key);
        }
        case JournalLine.Failed failure -> {
          failed.add(key);
          if (failure.sidecar() != null) {
            sidecarsOfFailed.put(key, failure.sidecar());
          }
          begun.remove(key);
          toRedo.remove(key);
        }
        case JournalLine.Begun one -> begun.computeIfAbsent(key, _ -> new ArrayList<>(1)).add(one);
        case JournalLine.Released _ -> release(key);
        case JournalLine.Exported(String place, String sha256) -> exported.put(place, sha256);
        case JournalLine.ToRedo _ -> {
          toRedo.add(key);
          begun.remove(key);
        }
      }
    }

    private void release(String key) {
      List<JournalLine.Begun> ofKey = begun.getOrDefault(key, new ArrayList<>());
      if (ofKey.size() > 1) {
        ofKey.removeLast();
      } else {
        begun.remove(key);
      }
    }

    /** Returns the keys that have or had a caption, sorted. */
    Collection<String> keys() {
      return entries.keySet();
    }

    /** Returns the caption of {@code key} that counts. */
    Optional<JournalEntry> last(String key) {
      return failed.contains(key)
          ? Optional.empty()
          : Optional.ofNullable(entries.get(key)).map(List::getLast);
    }

    /** Returns whether this program made {@code caption} under {@code key}, lately or before. */
    boolean knows(String key, String caption) {
      return all(key).anyMatch(entry -> entry.caption().equals(caption));
    }

    /** Returns whether this program wrote {@code text} to the sidecar of {@code key}. */
    boolean knowsSidecar(String key, String text) {
      return all(key).anyMatch(entry -> text.equals(entry.sidecar()))
          || text.equals(sidecarsOfFailed.get(key));
    }

    /** Returns the text that this program wrote last to the sidecar of {@code key}. */
    @Nullable String sidecar(String key) {
      List<JournalEntry> ofKey = failed.contains(key) ? null : entries.get(key);
      return ofKey == null ? sidecarsOfFailed.get(key) : ofKey.getLast().sidecar();
    }

    /** Returns the hash of what this program wrote last to an export, null if it wrote none. */
    @Nullable String exported(String place) {
      return exported.get(place);
    }

    private Stream<JournalEntry> all(String key) {
      return entries.getOrDefault(key, List.of()).stream();
    }

    /** Returns whether an overwriting run has not come to {@code key} yet. */
    boolean isToRedo(String key) {
      return toRedo.contains(key);
    }

    /** Forgets that {@code keys} were to be captioned again; the file follows when compacted. */
    void endRedo(Collection<String> keys) {
      toRedo.removeAll(new HashSet<>(keys));
    }

    /** Returns the lines that say the model was given {@code key} and gave no answer. */
    List<JournalLine.Begun> begun(String key) {
      return List.copyOf(begun.getOrDefault(key, List.of()));
    }

    /** Returns whether any line of {@code key} counts. */
    boolean hasAny(String key) {
      return last(key).isPresent() || begun.containsKey(key) || toRedo.contains(key);
    }

    /** Drops what counts no more. */
    void compact() {
      entries.keySet().removeAll(failed);
      sidecarsOfFailed.keySet().retainAll(failed);
      failed.retainAll(sidecarsOfFailed.keySet());
      entries.values().forEach(ofKey -> ofKey.subList(0, ofKey.size() - 1).clear());
    }

    /** Returns lines that say the same as all lines so far, after {@link #compact}. */
    Stream<JournalLine> lines() {
      return Stream.of(
              entries.values().stream().map(List::getLast),
              failed.stream().map(key -> new JournalLine.Failed(key, sidecarsOfFailed.get(key))),
              toRedo.stream().map(JournalLine.ToRedo::new),
              exported.entrySet().stream()
                  .map(one -> new JournalLine.Exported(one.getKey(), one.getValue())),
              begun.values().stream().flatMap(List::stream))
          .flatMap(lines -> lines);
    }
  }
}
