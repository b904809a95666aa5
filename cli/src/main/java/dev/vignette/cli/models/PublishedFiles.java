package dev.vignette.cli.models;

import dev.vignette.hub.Repository;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which files of a repository make a model: its weights once, safetensors before PyTorch's pickles,
 * and the small files of configuration and tokenizer beside them; not the same weights for other
 * frameworks.
 */
final class PublishedFiles {
  private static final String SAFETENSORS = "model.safetensors";
  private static final String PICKLE = "pytorch_model.bin";
  private static final Pattern SHARD =
      Pattern.compile(
          "(model-(\\d{5})-of-(\\d{5})\\.safetensors|pytorch_model-(\\d{5})-of-(\\d{5})\\.bin)");
  private static final Set<String> SMALL = Set.of("json", "txt", "model", "jinja", "md");
  private static final Pattern LICENSE = Pattern.compile("(?i)(LICEN[CS]E|NOTICE|USE_POLICY).*");

  private PublishedFiles() {}

  /**
   * The files of a model in safetensors or pickles, the weights last: once they are there, all is.
   *
   * @throws IllegalArgumentException if there are no weights, or not all shards of them
   */
  static List<String> of(Repository repository) {
    List<String> weights = weights(repository.files());
    if (weights.isEmpty()) {
      throw new IllegalArgumentException(
          ("%s has neither GGUF files nor %s nor %s, whole or in shards; name the files wanted:"
                  + " vignette pull %s FILE…")
              .formatted(repository.name(), SAFETENSORS, PICKLE, repository.reference()));
    }
    requireAllShards(repository.name().text(), weights);
    List<String> files = new ArrayList<>();
    for (String file : repository.files()) {
      if (isSmall(file, weights)) {
        files.add(file);
      }
    }
    files.addAll(weights);
    return files;
  }

  private static List<String> weights(List<String> files) {
    for (String ending : List.of(".safetensors", ".bin")) {
      String whole = ending.equals(".bin") ? PICKLE : SAFETENSORS;
      if (files.contains(whole)) {
        return List.of(whole);
      }
      List<String> shards =
          files.stream()
              .filter(file -> file.endsWith(ending) && SHARD.matcher(file).matches())
              .sorted()
              .toList();
      if (!shards.isEmpty()) {
        return shards;
      }
    }
    return List.of();
  }

  private static void requireAllShards(String name, List<String> weights) {
    Matcher shard = SHARD.matcher(weights.getFirst());
    if (!shard.matches()) {
      return;
    }
    String count = shard.group(3) != null ? shard.group(3) : shard.group(5);
    for (int number = 1; number <= Integer.parseInt(count); number++) {
      String part = String.format(Locale.ROOT, "-%05d-of-%s.", number, count);
      if (weights.stream().noneMatch(file -> file.contains(part))) {
        throw new IllegalArgumentException(
            "%s lacks shard %d of %s of its weights; the repository is not complete, so that nothing of it is downloaded"
                .formatted(name, number, count));
      }
    }
  }

  private static boolean isSmall(String file, List<String> weights) {
    if (file.contains("/")) {
      return false; // other forms of the model: onnx/, coreml/
    }
    boolean index = file.endsWith(".index.json");
    if (index) {
      return weights.size() > 1
          && weights.getFirst().startsWith(file.substring(0, file.indexOf('.')));
    }
    String ending = file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return SMALL.contains(ending) || LICENSE.matcher(file).matches();
  }

  /** Whether a snapshot has a configuration and all of the weights. */
  static boolean areComplete(Path snapshot) throws IOException {
    List<String> names;
    try (Stream<Path> list = Files.list(snapshot)) {
      names = list.filter(Files::isRegularFile).map(file -> file.getFileName().toString()).toList();
    }
    List<String> weights = weights(names);
    if (weights.isEmpty() || !names.contains("config.json")) {
      return false;
    }
    try {
      requireAllShards("", weights);
      return true;
    } catch (IllegalArgumentException incomplete) {
      return false;
    }
  }

  /**
   * The files that patterns such as {@code *.json} mean; a pattern that means none stays, for the
   * hub to say so.
   */
  static List<String> matching(List<String> files, List<String> patterns) {
    List<String> wanted = new ArrayList<>();
    for (String pattern : patterns) {
      PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
      List<String> found =
          files.stream()
              .filter(file -> file.equals(pattern) || matcher.matches(Path.of(file)))
              .toList();
      wanted.addAll(found.isEmpty() ? List.of(pattern) : found);
    }
    return wanted.stream().distinct().toList();
  }
}
