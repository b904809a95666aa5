package dev.vignette.captions.run;

import dev.vignette.captions.run.JournalLine.JournalEntry;
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

/** What the lines of a journal say together; of several captions of one key the last counts. */
final class JournalState {
  private final SortedMap<String, List<JournalEntry>> entries = new TreeMap<>();
  private final SortedSet<String> failed = new TreeSet<>();
  private final Map<String, String> sidecarsOfFailed = new HashMap<>();
  private final SortedMap<String, List<JournalLine.Begun>> begun = new TreeMap<>();
  private final SortedSet<String> toRedo = new TreeSet<>();

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
            begun.values().stream().flatMap(List::stream))
        .flatMap(lines -> lines);
  }
}
