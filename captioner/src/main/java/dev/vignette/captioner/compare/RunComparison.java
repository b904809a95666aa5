package dev.vignette.captioner.compare;

import dev.vignette.captioner.train.TrainedRun;
import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.EvalInputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Training runs that were validated on the same images.
 *
 * @param runs by name, at least one
 */
public record RunComparison(SequencedMap<String, TrainedRun> runs) {
  /** They say where a run lies, not what it does. */
  private static final Set<String> PLACES =
      Set.of(
          "run.name",
          "run.folder",
          "data.train.images",
          "data.val.annotations",
          "data.val.images",
          "encoder.cache");

  /**
   * Copies the runs.
   *
   * @throws UsageException if they were validated on different images or references
   */
  public RunComparison {
    runs = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(runs));
    Map.Entry<String, TrainedRun> first = runs.firstEntry();
    runs.forEach((name, run) -> requireSame(first.getKey(), first.getValue(), name, run));
  }

  /**
   * Reads runs; each is called as its folder is, or by its path where two folders share a name.
   *
   * @param folders at least one
   * @throws UsageException if one is no run, or they cannot be compared
   */
  public static RunComparison read(List<Path> folders) throws IOException {
    boolean unique =
        folders.stream().map(RunComparison::folderName).distinct().count() == folders.size();
    SequencedMap<String, TrainedRun> runs = new LinkedHashMap<>();
    for (Path folder : folders) {
      String name = unique ? folderName(folder) : folder.toString();
      if (runs.put(name, TrainedRun.read(folder)) != null) {
        throw new UsageException(
            "Each run is named once, but %s is there twice. Leave one out.".formatted(folder));
      }
    }
    return new RunComparison(runs);
  }

  private static String folderName(Path folder) {
    return String.valueOf(folder.toAbsolutePath().normalize().getFileName());
  }

  private static void requireSame(
      String firstName, TrainedRun first, String otherName, TrainedRun other) {
    Map<String, List<String>> here = new TreeMap<>(first.validation().references());
    Map<String, List<String>> there = new TreeMap<>(other.validation().references());
    if (!here.equals(there)) {
      long shared =
          here.entrySet().stream().filter(e -> e.getValue().equals(there.get(e.getKey()))).count();
      throw new UsageException(
          "Runs are compared on one validation set, but %s has %d images and %s has %d, of which %d are the same with the same references. Leave one out, or train it with the data.val of the other."
              .formatted(firstName, here.size(), otherName, there.size(), shared));
    }
    Map<String, String> pictures = first.validation().pictures();
    Map<String, String> others = other.validation().pictures();
    List<String> different =
        pictures.keySet().stream()
            .filter(stem ->
                others.containsKey(stem) && !Objects.equals(pictures.get(stem), others.get(stem)))
            .toList();
    if (!different.isEmpty()) {
      throw new UsageException(
          "Runs are compared on one validation set, but %d pictures of %s are others in %s, such as %s. Leave one out, or train it with the data.val of the other."
              .formatted(different.size(), firstName, otherName, different.getFirst()));
    }
  }

  /** What is scored: the captions of each run's best epoch. */
  public SequencedMap<String, EvalInputs> inputs() {
    Path references = runs.firstEntry().getValue().validation().file();
    SequencedMap<String, EvalInputs> inputs = new LinkedHashMap<>();
    runs.forEach(
        (name, run) -> inputs.put(name, EvalInputs.read(run.bestCaptions(), references, false)));
    return inputs;
  }

  /** The settings that are not the same in all runs: by setting, the value of each run. */
  public SequencedMap<String, Map<String, String>> differences() {
    SequencedMap<String, Map<String, String>> differences = new LinkedHashMap<>();
    runs.values()
        .forEach(run ->
            run.settings()
                .keySet()
                .forEach(setting -> {
                  Map<String, String> values = new LinkedHashMap<>();
                  runs.forEach((name, other) ->
                      values.put(name, other.settings().getOrDefault(setting, "-")));
                  if (!PLACES.contains(setting) && Set.copyOf(values.values()).size() > 1) {
                    differences.put(setting, values);
                  }
                }));
    return differences;
  }
}
