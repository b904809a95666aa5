package dev.vignette.llava.convert;

import dev.vignette.llava.convert.LlavaConversion.ConversionException;
import dev.vignette.weights.gguf.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of one model's name: a projector, and language models of one type or several, which
 * have the same sizes as those of any other training of it, and caption wrongly with its projector.
 */
final class FilesOfOneModel {
  private static final String GGUF = ".gguf";

  /** How the names of a split file's parts end. */
  private static final Pattern SPLIT = Pattern.compile("-\\d{5}-of-\\d{5}$");

  private final ConversionRequest request;
  private final Path folder;

  /** Of what a conversion is to write into a folder. */
  FilesOfOneModel(ConversionRequest request, Path folder) {
    this.request = request;
    this.folder = folder;
  }

  /**
   * Refuses to part files that go together: language models of other types were made with the
   * projector that is there, and where links lead elsewhere, what lies there goes with its own.
   *
   * @param staged the projector that is to come
   * @param projectorThere where it is to come to
   * @param languageThere where the language model is to come to
   * @param unquantized the type of the language model that may be kept beside it
   * @throws ConversionException naming both files
   */
  void requireTogether(Path staged, Path projectorThere, Path languageThere, TensorType unquantized)
      throws IOException {
    Set<String> written = new HashSet<>(Set.of(request.type().name()));
    if (request.keepsUnquantized()) {
      written.add(unquantized.name());
    }
    Set<Path> folders = new LinkedHashSet<>();
    for (Path file : List.of(folder.resolve("file"), projectorThere)) {
      folders.add(Objects.requireNonNull(file.toAbsolutePath().getParent()).toRealPath());
    }
    if (Files.exists(projectorThere) && Files.mismatch(staged, projectorThere) >= 0) {
      for (Path each : folders) {
        for (Path other : languageModels(each)) {
          boolean own =
              each.equals(folder.toRealPath())
                  && written.contains(SPLIT.matcher(typeOf(other)).replaceAll(""));
          if (!own && !other.toRealPath().equals(languageThere.toAbsolutePath())) {
            throw parted(projectorThere, other);
          }
        }
      }
    }
    Path beside = languageThere.resolveSibling(projectorThere.getFileName());
    if (Files.exists(beside)
        && Files.mismatch(staged, beside) >= 0
        && !isSame(beside, projectorThere)) {
      throw parted(languageThere, beside);
    }
  }

  private static boolean isSame(Path one, Path other) throws IOException {
    return Files.exists(other) && Files.isSameFile(one, other);
  }

  private ConversionException parted(Path replaced, Path other) {
    return new ConversionException(
        "%s would be replaced by that of other weights, and %s, which goes with it, would caption wrongly. Name another folder or another model name, or remove what is there"
            .formatted(replaced, other));
  }

  /** The language models of this name in a folder, of any type and in parts too. */
  private List<Path> languageModels(Path folder) throws IOException {
    String begin = request.name() + "-";
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> {
            String name = String.valueOf(file.getFileName());
            return name.startsWith(begin)
                && name.endsWith(GGUF)
                && !SPLIT.matcher(typeOf(file)).replaceAll("").contains("-");
          })
          .sorted()
          .toList();
    }
  }

  /** What follows the model's name in that of a file of {@link #languageModels}. */
  private String typeOf(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.substring(request.name().length() + 1, name.length() - GGUF.length());
  }
}
