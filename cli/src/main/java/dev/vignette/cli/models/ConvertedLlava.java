package dev.vignette.cli.models;

import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.models.ModelFinder.LlavaFiles;
import dev.vignette.files.FolderTree;
import dev.vignette.files.OutputFolder;
import dev.vignette.files.ProcessLock;
import dev.vignette.hub.ModelReference;
import dev.vignette.llama.LlamaRuntime;
import dev.vignette.llama.Quantizer.QuantizationType;
import dev.vignette.llava.convert.ConversionRequest;
import dev.vignette.llava.convert.LlavaConversion;
import dev.vignette.llava.convert.LlavaConversion.ConversionListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * GGUF files of LLaVA as Hugging Face publishes it, made once: {@code OWNER--NAME/COMMIT/TYPE} in a
 * folder of Vignette's own holds the two files. The folder appears when both are whole.
 */
final class ConvertedLlava {
  /** The type without a wish, as for files that are published in GGUF. */
  static final String USUAL_TYPE = GgufFiles.PREFERRED.getFirst();

  private final Path folder;
  private final ModelFinder finder;
  private final PrintWriter err;

  ConvertedLlava(Path folder, ModelFinder finder, PrintWriter err) {
    this.folder = folder;
    this.finder = finder;
    this.err = err;
  }

  /** Where converted models are: {@code vignette/converted} in the user's folder for caches. */
  static Path usualFolder(Map<String, String> environment, Path home) {
    String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
    return (caches.isBlank() ? home.resolve(".cache") : Path.of(caches))
        .resolve("vignette/converted");
  }

  /**
   * The files of a snapshot in the type that the reference wishes, converted now unless they are
   * there.
   *
   * @param snapshot a snapshot's folder in the cache of models
   */
  LlavaFiles files(ModelReference reference, Path snapshot) throws IOException {
    QuantizationType type = QuantizationType.parse(reference.variant().orElse(USUAL_TYPE));
    Path place =
        folder
            .resolve(reference.name().text().replace("/", "--"))
            .resolve(snapshot.getFileName())
            .resolve(type.name());
    if (!Files.isDirectory(place)) {
      OutputFolder.make(place.resolveSibling(""));
      try (ProcessLock _ = ProcessLock.exclusive(place)) {
        if (!Files.isDirectory(place)) {
          convert(reference, snapshot, type, place);
        }
      }
    }
    List<String> paths;
    try (Stream<Path> list = Files.list(place)) {
      paths = list.map(file -> file.getFileName().toString()).filter(GgufFiles::isGguf).toList();
    }
    GgufFiles.Choice choice =
        GgufFiles.judge(place.toString(), place, paths).chooseBoth(Optional.empty());
    return new LlavaFiles(
        place.resolve(choice.model()), place.resolve(choice.projector().orElseThrow()));
  }

  private void convert(ModelReference reference, Path snapshot, QuantizationType type, Path place)
      throws IOException {
    Path unfinished = place.resolveSibling(type.name() + ".unfinished");
    FolderTree.delete(unfinished);
    ConversionRequest usual = ConversionRequest.of(snapshot, type, unfinished);
    ConversionRequest request =
        new ConversionRequest(
            snapshot, type, unfinished, usual.name(), tower(snapshot), false, usual.threads());
    err.println("Converting %s to %s, once, into %s".formatted(reference.name(), type, place));
    err.flush();
    LlamaRuntime.setLogLevel(System.Logger.Level.OFF);
    LlavaConversion.convert(request, new Steps(err));
    Files.move(unfinished, place, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The vision tower's own repository, where the configuration names one (liuhaotian's layout). */
  private Optional<Path> tower(Path snapshot) throws IOException {
    try {
      Optional<String> named =
          JsonMapper.shared() // from bytes, not a string: so a byte order mark is taken
              .readTree(Files.readAllBytes(snapshot.resolve("config.json")))
              .path("mm_vision_tower")
              .stringValueOpt();
      return named.filter(ModelReference::isPlausible).isPresent()
          ? Optional.of(finder.folder(ModelReference.parse(named.get())))
          : Optional.empty();
    } catch (JacksonException malformed) {
      throw new UsageException(
          "%s is no JSON: %s"
              .formatted(snapshot.resolve("config.json"), malformed.getOriginalMessage()),
          malformed);
    }
  }

  /** Says each step. */
  private record Steps(PrintWriter err) implements ConversionListener {
    @Override
    public void step(String sentence) {
      err.println(sentence);
      err.flush();
    }

    @Override
    public void progress(long written, long all) {}
  }
}
