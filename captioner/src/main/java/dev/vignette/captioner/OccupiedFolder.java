package dev.vignette.captioner;

import dev.vignette.files.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The files by which a folder is seen to hold a model, or an adapter. */
final class OccupiedFolder {
  private static final List<String> NAMES =
      List.of(
          "config.json",
          "model.safetensors",
          "model.safetensors.index.json",
          "pytorch_model.bin",
          "pytorch_model.bin.index.json",
          "decoder_model.bin",
          "open_clip_model.safetensors",
          "tokenizer.json",
          "encoder.json",
          "vocab.bpe",
          "vocab.json",
          "merges.txt",
          "tokenizer_config.json",
          "generation_config.json",
          AdapterFolder.ADAPTER,
          AdapterFolder.ADAPTER_BIN,
          AdapterFolder.CONFIG,
          AdapterFolder.PROJECTION,
          AdapterFolder.ORIGIN);

  /** The folders of a training run. */
  private static final Set<String> OF_A_RUN = Set.of("best", "last", "captions");

  private OccupiedFolder() {}

  /** What there is in a folder of a model or an adapter. */
  static List<String> namesIn(Path folder) {
    return NAMES.stream().filter(name -> Files.exists(folder.resolve(name))).toList();
  }

  /**
   * Whether all of a model or an adapter that is there is what a command writes before its weights:
   * it was stopped then, and may be typed again.
   *
   * @param own the contents of the files by name
   */
  static boolean isUnfinished(Path folder, Map<String, byte[]> own) throws IOException {
    for (String name : namesIn(folder)) {
      byte[] content = own.get(name);
      Path file = folder.resolve(name);
      if (content == null
          || !Files.isRegularFile(file)
          || !Arrays.equals(Files.readAllBytes(file), content)) {
        return false;
      }
    }
    return true;
  }

  /** Deletes the temporary files of killed processes; those of running ones stay. */
  static void deleteAbandoned(Path folder) {
    String names = NAMES.stream().map(Pattern::quote).collect(Collectors.joining("|"));
    AtomicFile.deleteAbandoned(
        folder, Pattern.compile("\\.(?:" + names + ")\\.(\\d{1,18})(?:-\\d+)?\\.tmp"));
  }

  /**
   * Refuses the folder of a training run and those that its training writes again.
   *
   * @throws IllegalArgumentException naming the run
   */
  static void requireNoRun(Path folder) throws IOException {
    Path place = behindLinks(folder);
    Path parent = place.resolveSibling("");
    boolean isWritten = OF_A_RUN.contains(String.valueOf(place.getFileName()));
    if (isRun(place) || (isWritten && isRun(parent))) {
      throw new IllegalArgumentException(
          "--output is a folder of its own, but %s belongs to the training run %s, which would write over it: give another folder"
              .formatted(folder, isRun(place) ? folder : parent));
    }
  }

  private static Path behindLinks(Path folder) throws IOException {
    Path place = AtomicFile.behindLinks(folder.toAbsolutePath().normalize());
    Path parent = place.resolveSibling("");
    return Files.exists(parent)
        ? parent.toRealPath().resolve(String.valueOf(place.getFileName())).normalize()
        : place;
  }

  private static boolean isRun(Path folder) {
    return Files.exists(folder.resolve("config.yaml"))
        && (Files.exists(folder.resolve("metrics.jsonl"))
            || Files.exists(folder.resolve("checkpoint.safetensors")));
  }

  /**
   * Refuses a folder that holds a model or an adapter, one of a command's own inputs included: what
   * is written there would take its place, or stand beside it as if they belonged together.
   *
   * @throws IllegalArgumentException naming the files
   */
  static void requireNoModel(Path folder) {
    List<String> there = namesIn(folder);
    if (!there.isEmpty()) {
      throw new IllegalArgumentException(
          "--output is a folder without a model, but %s has %s: give another folder, or move that model away"
              .formatted(folder, String.join(", ", there)));
    }
  }
}
