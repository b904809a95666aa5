package dev.vignette.cli.models;

import dev.vignette.captions.run.UsageException;
import dev.vignette.hub.ByteCount;
import dev.vignette.weights.faults.InvalidModelFileException;
import dev.vignette.weights.gguf.GgufFile;
import dev.vignette.weights.gguf.LanguageModelFile;
import dev.vignette.weights.gguf.LanguageModelFile.LanguageModelInfo;
import dev.vignette.weights.gguf.ProjectorFile;
import dev.vignette.weights.gguf.ProjectorFile.ProjectorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The GGUF files of a repository, judged by their headers: which are language models and of which
 * quantization, which are projectors, and which two belong together. Names of files say nothing.
 *
 * <p>Without a wish the first of {@link #PREFERRED} that is there is taken: about 4.9 bits a weight
 * lose little and need a third of F16's memory. The projector is taken in F16 where it can be.
 */
final class GgufFiles {
  /** Quantizations of a language model, the wanted first. */
  static final List<String> PREFERRED =
      List.of(
          "Q4_K_M", "Q4_K_S", "Q5_K_M", "Q5_K_S", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q6_K", "Q8_0",
          "IQ4_XS", "IQ4_NL", "Q3_K_L", "Q3_K_M", "F16", "BF16", "F32");

  private static final List<String> PROJECTORS = List.of("F16", "BF16", "F32", "Q8_0");
  private static final Pattern PART = Pattern.compile("(.+)-00001-of-(\\d{5})\\.gguf");

  /**
   * Two files that caption together.
   *
   * @param model the language model, or its first part
   * @param parts all files of the language model
   * @param projector nothing if none was to be chosen
   */
  record Choice(String model, List<String> parts, Optional<String> projector) {
    List<String> files() {
      List<String> files = new ArrayList<>(parts);
      projector.ifPresent(files::add);
      return files;
    }
  }

  private final String repository;
  private final Map<String, LanguageModelInfo> models = new TreeMap<>();
  private final Map<String, ProjectorInfo> projectors = new TreeMap<>();
  private final Map<String, String> refused = new TreeMap<>();

  private GgufFiles(String repository) {
    this.repository = repository;
  }

  /** Whether a file is of this kind. */
  static boolean isGguf(String path) {
    return path.toLowerCase(Locale.ROOT).endsWith(".gguf");
  }

  /**
   * Reads the headers of files.
   *
   * @param repository the name, for messages
   * @param folder what the paths are relative to
   */
  static GgufFiles judge(String repository, Path folder, List<String> paths) {
    GgufFiles files = new GgufFiles(repository);
    for (String path : paths) {
      files.judge(folder, path);
    }
    return files;
  }

  private void judge(Path folder, String path) {
    Path file = folder.resolve(path);
    try {
      if (GgufFile.read(file).architecture().equals("clip")) {
        projectors.put(path, ProjectorFile.check(file));
      } else {
        models.put(path, LanguageModelFile.check(file));
      }
    } catch (InvalidModelFileException unfit) {
      refused.put(path, String.valueOf(unfit.getMessage()).replace(file + " ", ""));
    }
  }

  /** Whether it has a language model and a projector for it. */
  boolean canCaption() {
    return models.values().stream().anyMatch(model -> !fitting(model).isEmpty());
  }

  /**
   * Chooses a language model and its projector.
   *
   * @param wish a quantization or the name of a file
   * @throws UsageException if there is none, or the wish means several
   */
  Choice chooseBoth(Optional<String> wish) {
    String model =
        chooseModel(
            wish, models.keySet().stream().filter(path -> !fitting(info(path)).isEmpty()).toList());
    List<String> fitting = fitting(info(model));
    String projector =
        fitting.stream()
            .min(
                Comparator.comparingInt(
                        (String path) -> rank(PROJECTORS, projector(path).quantization()))
                    .thenComparing(path -> path))
            .orElseThrow();
    return new Choice(model, parts(model), Optional.of(projector));
  }

  /** Chooses a language model alone; its projector is named otherwise. */
  Choice chooseModel(Optional<String> wish) {
    String model = chooseModel(wish, List.copyOf(models.keySet()));
    return new Choice(model, parts(model), Optional.empty());
  }

  /** Chooses a projector alone. */
  String chooseProjector(Optional<String> wish) {
    return projectors.keySet().stream()
        .filter(path -> wish.isEmpty() || means(wish.get(), path, projector(path).quantization()))
        .min(
            Comparator.comparingInt(
                    (String path) -> rank(PROJECTORS, projector(path).quantization()))
                .thenComparing(path -> path))
        .orElseThrow(() ->
            new UsageException(
                "%s has no projector (mmproj)%s such as LLaVA-1.5's. It has: %s"
                    .formatted(repository, wish.map(text -> " " + text).orElse(""), contents())));
  }

  private LanguageModelInfo info(String path) {
    return Objects.requireNonNull(models.get(path));
  }

  private ProjectorInfo projector(String path) {
    return Objects.requireNonNull(projectors.get(path));
  }

  private List<String> fitting(LanguageModelInfo model) {
    return projectors.keySet().stream()
        .filter(path -> projector(path).embeddingLength() == model.embeddingLength())
        .toList();
  }

  private String chooseModel(Optional<String> wish, List<String> among) {
    if (among.isEmpty()) {
      throw new UsageException(
          "%s has no language model%s. It has: %s"
              .formatted(
                  repository,
                  models.isEmpty()
                      ? ""
                      : " with a projector (mmproj) of its width; name one with --mmproj",
                  contents()));
    }
    String type =
        wish.orElseGet(() ->
            among.stream()
                .map(path -> info(path).quantization())
                .min(Comparator.comparingInt(found -> rank(PREFERRED, found)))
                .orElseThrow());
    List<String> chosen =
        among.stream().filter(path -> means(type, path, info(path).quantization())).toList();
    if (chosen.size() == 1) {
      return chosen.getFirst();
    }
    throw new UsageException(
        chosen.isEmpty()
            ? "%s has no language model %s. It has: %s".formatted(repository, type, contents())
            : "%s has several language models %s: %s. Name one by its file, as in %s:%s"
                .formatted(
                    repository, type, String.join(", ", chosen), repository, chosen.getFirst()));
  }

  private static boolean means(String wish, String path, String quantization) {
    return quantization.equalsIgnoreCase(wish) || path.equals(wish) || path.endsWith("/" + wish);
  }

  private static int rank(List<String> order, String type) {
    int rank = order.indexOf(type);
    return rank < 0 ? order.size() : rank;
  }

  private static List<String> parts(String model) {
    Matcher first = PART.matcher(model);
    if (!first.matches()) {
      return List.of(model);
    }
    List<String> parts = new ArrayList<>();
    for (int part = 1; part <= Integer.parseInt(first.group(2)); part++) {
      parts.add(
          String.format(Locale.ROOT, "%s-%05d-of-%s.gguf", first.group(1), part, first.group(2)));
    }
    return parts;
  }

  /** What there is, a phrase a file. */
  private String contents() {
    List<String> phrases = new ArrayList<>();
    models.forEach((path, info) ->
        phrases.add(
            "%s (%s, %s)".formatted(path, info.quantization(), ByteCount.text(info.fileBytes()))));
    projectors.forEach(
        (path, info) -> phrases.add("%s (projector, %s)".formatted(path, info.quantization())));
    refused.forEach((path, why) -> phrases.add(path + ", which " + why));
    return phrases.isEmpty() ? "no GGUF file" : phrases.stream().collect(Collectors.joining("; "));
  }
}
