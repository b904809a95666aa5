package dev.vignette.weights.gguf;

import static dev.vignette.weights.faults.InvalidModelFileException.DAMAGED;
import static dev.vignette.weights.gguf.Wording.number;
import static dev.vignette.weights.gguf.Wording.quoted;

import dev.vignette.weights.faults.InvalidModelFileException;
import dev.vignette.weights.gguf.GgufFile.GgufTensor;
import dev.vignette.weights.gguf.GgufFile.TensorLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A model in several files, {@code NAME-00001-of-00003.gguf} and so on. llama.cpp is given the
 * first and finds the others by their names (v0.5.0, llama_split_path in src/llama.cpp).
 */
final class SplitModel {

  private static final String COUNT = "split.count";
  private static final String NUMBER = "split.no";
  private static final int NAMED_FILES = 3;

  private SplitModel() {}

  /** In how many files the model is, as one of them says; 1 for a model that is not split. */
  static int partCount(GgufFile file) {
    return Math.max(1, file.metadata().uint16(COUNT).orElse(1));
  }

  /**
   * Refuses any part but the first, and a model whose parts are not all there and whole. Returns
   * bytes of all parts.
   */
  static long check(GgufFile first) {
    int count = partCount(first);
    if (count == 1) {
      return first.fileBytes();
    }
    requireFirst(first);
    requireAlone(first, count);
    List<Path> parts = parts(first, 0, count);
    requireAll(first, parts);
    return checkParts(first, parts);
  }

  /** All parts of a model that {@link #check} has seen, or the file alone. */
  static List<GgufFile> files(GgufFile first) {
    int count = partCount(first);
    List<GgufFile> files = new ArrayList<>(List.of(first));
    if (count > 1) {
      parts(first, 0, count).stream().skip(1).map(GgufFile::read).forEach(files::add);
    }
    return files;
  }

  /**
   * Refuses the second part of a split model and all after it.
   *
   * @param file any file; one that is not split passes
   */
  static void requireFirst(GgufFile file) {
    int count = partCount(file);
    int number = count == 1 ? 0 : partNumber(file);
    if (number != 0) {
      throw new InvalidModelFileException(
          file.path(),
          "is part %s of %s of a split model; the first part must be given"
              .formatted(number(number + 1), number(count)),
          "Give " + parts(file, number, count).getFirst());
    }
  }

  /** Refuses a first part with the others behind it in the same file. */
  private static void requireAlone(GgufFile first, int count) {
    long end = first.dataOffset();
    for (GgufTensor tensor : first.tensors().values()) {
      end = TensorLayout.align(end + tensor.bytes(), first.alignment());
    }
    if (first.fileBytes() > end) {
      throw new InvalidModelFileException(
          first.path(),
          "is part 1 of %s of a split model with %s bytes behind it, as when parts are put together by cat"
              .formatted(number(count), number(first.fileBytes() - end)),
          "Give the first part with the others beside it, or put them together with llama.cpp's llama-gguf-split --merge");
    }
  }

  private static List<Path> parts(GgufFile file, int number, int count) {
    String stem = stem(file, number, count);
    return IntStream.range(0, count)
        .mapToObj(part -> file.path().resolveSibling(name(stem, part, count)))
        .toList();
  }

  private static int partNumber(GgufFile part) {
    return part.metadata()
        .uint16(NUMBER)
        .orElseThrow(() ->
            new InvalidModelFileException(
                part.path(),
                "is part of a split model but lacks the metadata key '" + NUMBER + "'",
                DAMAGED));
  }

  private static String stem(GgufFile file, int number, int count) {
    String name = String.valueOf(file.path().getFileName());
    String ending = name("", number, count);
    if (!name.endsWith(ending) || name.length() == ending.length()) {
      throw new InvalidModelFileException(
          file.path(),
          "is part %s of %s of a split model but its name does not end in %s, by which the others are found"
              .formatted(number(number + 1), number(count), ending),
          "Give the parts their original names back, or if they were put together by cat, put them together again with llama.cpp's llama-gguf-split --merge");
    }
    return name.substring(0, name.length() - ending.length());
  }

  private static String name(String stem, int part, int count) {
    return String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", stem, part + 1, count);
  }

  private static void requireAll(GgufFile first, List<Path> parts) {
    List<String> missing =
        parts.stream()
            .filter(part -> !Files.exists(part))
            .map(part -> String.valueOf(part.getFileName()))
            .toList();
    if (!missing.isEmpty()) {
      String more =
          missing.size() > NAMED_FILES
              ? " and " + number(missing.size() - NAMED_FILES) + " more"
              : "";
      throw new InvalidModelFileException(
          first.path(),
          "is part 1 of %s of a split model, but beside it these are missing: %s%s"
              .formatted(
                  number(parts.size()),
                  String.join(", ", missing.subList(0, Math.min(NAMED_FILES, missing.size()))),
                  more),
          "Download the missing parts into the same folder");
    }
  }

  private static long checkParts(GgufFile first, List<Path> parts) {
    long bytes = first.fileBytes();
    int tensors = first.tensors().size();
    for (int number = 1; number < parts.size(); number++) {
      GgufFile part = GgufFile.read(parts.get(number));
      int found = partNumber(part);
      if (found != number) {
        throw new InvalidModelFileException(
            part.path(),
            "has the name of part %s but says it is part %s"
                .formatted(number(number + 1), number(found + 1)),
            "Give the parts their original names back");
      }
      bytes += part.fileBytes();
      tensors += part.tensors().size();
    }
    int expected = first.metadata().int32("split.tensors.count").orElse(tensors);
    if (expected != tensors) {
      throw new InvalidModelFileException(
          first.path(),
          "says its parts hold %s tensors, but they hold %s"
              .formatted(number(expected), number(tensors)),
          "Parts of different models may be mixed in the folder of "
              + quoted(first.name())
              + ": download all again");
    }
    return bytes;
  }
}
