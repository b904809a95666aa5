package dev.vignette.cli.models;

import dev.vignette.captions.run.UsageException;
import dev.vignette.files.FolderTree;
import dev.vignette.hub.ByteCount;
import dev.vignette.hub.Hub;
import dev.vignette.hub.Hub.PullPlan;
import dev.vignette.hub.ModelReference;
import dev.vignette.hub.Repository;
import dev.vignette.hub.Repository.RemoteFile;
import dev.vignette.weights.faults.InvalidModelFileException;
import dev.vignette.weights.gguf.GgufFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds models by their names. What the cache holds is used, and the hub is not asked; what it
 * lacks is downloaded once what and how large has been said.
 */
final class ModelFinder {
  private static final String HEADERS = "vignette-headers-";
  private static final Pattern ABANDONED_HEADERS = Pattern.compile(HEADERS + "(\\d{1,18})-.*");

  private static final long FIRST_HEAD = 1 << 20;
  private static final long LONGEST_HEAD = 1 << 26;
  private static final int SHORT_COMMIT = 8;

  /** A language model and its projector, as files. */
  record LlavaFiles(Path model, Path projector) {}

  private final Hub hub;
  private final DownloadProgress progress;
  private final ConvertedLlava converted;

  /**
   * Finds models in a hub's cache or on the hub.
   *
   * @param conversions the folder of what was converted
   */
  ModelFinder(Hub hub, Path conversions, DownloadProgress progress, PrintWriter err) {
    this.hub = hub;
    this.progress = progress;
    this.converted = new ConvertedLlava(conversions, this, err);
  }

  /**
   * The folder of a model in safetensors or pickles: CLIP, a timm model, GPT-2.
   *
   * @throws IOException if it cannot be had
   */
  Path folder(ModelReference reference) throws IOException {
    Optional<Path> cached = hub.cache().snapshot(reference);
    if (cached.isPresent() && PublishedFiles.areComplete(cached.get())) {
      return cached.get();
    }
    Repository repository = hub.repository(reference, progress);
    return pull(repository, PublishedFiles.of(repository));
  }

  /** The files of a LLaVA; a repository without GGUF files is converted. */
  LlavaFiles llava(ModelReference reference) throws IOException {
    Optional<Path> cached = hub.cache().snapshot(reference);
    if (cached.isPresent()
        && ggufs(cached.get()).isEmpty()
        && PublishedFiles.areComplete(cached.get())) {
      return converted.files(reference, cached.get());
    }
    Optional<LlavaFiles> found =
        cached.flatMap(folder ->
            localFiles(
                reference,
                folder,
                files ->
                    files.canCaption()
                        ? Optional.of(files.chooseBoth(reference.variant()))
                        : Optional.empty()));
    if (found.isPresent()) {
      return found.get();
    }
    Repository repository = hub.repository(reference, progress);
    if (repository.files().stream().noneMatch(GgufFiles::isGguf)) {
      return converted.files(reference, pull(repository, PublishedFiles.of(repository)));
    }
    GgufFiles.Choice choice = readHeaders(repository).chooseBoth(reference.variant());
    Path snapshot = pull(repository, choice.files());
    return files(snapshot, choice);
  }

  private static LlavaFiles files(Path snapshot, GgufFiles.Choice choice) {
    return new LlavaFiles(
        snapshot.resolve(choice.model()), snapshot.resolve(choice.projector().orElseThrow()));
  }

  /** The language model alone, for a projector that was named. */
  Path languageModel(ModelReference reference) throws IOException {
    return single(reference, files -> files.chooseModel(reference.variant()).files());
  }

  /** The projector alone, for a language model that was named. */
  Path projector(ModelReference reference) throws IOException {
    return single(reference, files -> List.of(files.chooseProjector(reference.variant())));
  }

  private Path single(ModelReference reference, Function<GgufFiles, List<String>> choice)
      throws IOException {
    Optional<Path> cached = hub.cache().snapshot(reference);
    if (cached.isPresent()) {
      try {
        GgufFiles files = GgufFiles.judge(reference.toString(), cached.get(), ggufs(cached.get()));
        return cached.get().resolve(choice.apply(files).getFirst());
      } catch (UsageException notThere) {
        // The hub may have it.
      }
    }
    Repository repository = hub.repository(reference, progress);
    List<String> paths = choice.apply(readHeaders(repository));
    return pull(repository, paths).resolve(paths.getFirst());
  }

  private Optional<LlavaFiles> localFiles(
      ModelReference reference,
      Path snapshot,
      Function<GgufFiles, Optional<GgufFiles.Choice>> choice) {
    try {
      GgufFiles files = GgufFiles.judge(reference.name().text(), snapshot, ggufs(snapshot));
      return choice.apply(files).map(chosen -> files(snapshot, chosen));
    } catch (UsageException notThere) {
      return Optional.empty(); // the hub may have what is wished
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /**
   * The folder of a model of which the cache has what is wished, without asking the hub.
   *
   * @param patterns of files that are wished; none for those that serve
   * @throws IOException naming what is missing
   */
  Path kept(ModelReference reference, List<String> patterns) throws IOException {
    Path snapshot =
        hub.cache().snapshot(reference).orElseThrow(() -> notKept(reference, "nothing"));
    List<String> files = files(snapshot);
    List<String> missing =
        PublishedFiles.matching(files, patterns).stream()
            .filter(file -> !files.contains(file))
            .toList();
    if (!missing.isEmpty()) {
      throw notKept(reference, "all but " + String.join(", ", missing));
    }
    if (!patterns.isEmpty()) {
      return snapshot;
    }
    if (files.stream().noneMatch(GgufFiles::isGguf)) {
      if (!PublishedFiles.areComplete(snapshot)) {
        throw notKept(reference, "not all that is needed");
      }
    } else {
      try {
        GgufFiles.judge(reference.name().text(), snapshot, ggufs(snapshot))
            .chooseBoth(reference.variant());
      } catch (UsageException failure) {
        throw new IOException(
            "The network is not asked (HF_HUB_OFFLINE). Of what the cache %s has: %s"
                .formatted(hub.cache().folder(), failure.getMessage()),
            failure);
      }
    }
    return snapshot;
  }

  private static GgufFiles.Choice usual(GgufFiles files, ModelReference reference) {
    Optional<String> wish = reference.variant();
    return files.canCaption() ? files.chooseBoth(wish) : files.chooseModel(wish);
  }

  private IOException notKept(ModelReference reference, String what) {
    return new IOException(
        "The network is not asked (HF_HUB_OFFLINE), and the cache %s has %s of %s: run once without, or copy it there"
            .formatted(hub.cache().folder(), what, reference));
  }

  private static List<String> files(Path snapshot) throws IOException {
    try (Stream<Path> walk = Files.walk(snapshot)) {
      return walk.filter(Files::isRegularFile)
          .map(file -> snapshot.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  private static List<String> ggufs(Path snapshot) throws IOException {
    return files(snapshot).stream().filter(GgufFiles::isGguf).toList();
  }

  /** The files of a repository that are worth having when none is named. */
  List<String> usualFiles(Repository repository) throws IOException {
    if (repository.files().stream().noneMatch(GgufFiles::isGguf)) {
      return PublishedFiles.of(repository);
    }
    return usual(readHeaders(repository), repository.reference()).files();
  }

  /** Judges the GGUF files of a repository by their first bytes. */
  private GgufFiles readHeaders(Repository repository) throws IOException {
    List<String> paths = repository.files().stream().filter(GgufFiles::isGguf).toList();
    PullPlan plan = hub.plan(repository, paths, progress);
    progress.note(
        "Reading the headers of %d GGUF files of %s, about 1 MB each"
            .formatted(paths.size(), repository.name()));
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    FolderTree.deleteAbandoned(temporary, ABANDONED_HEADERS);
    Path folder =
        Files.createTempDirectory(temporary, HEADERS + ProcessHandle.current().pid() + "-");
    try {
      for (RemoteFile file : plan.files()) {
        Path head = folder.resolve(file.path());
        Files.createDirectories(Objects.requireNonNull(head.getParent()));
        readHeader(file, head);
      }
      return GgufFiles.judge(repository.reference().toString(), folder, paths);
    } finally {
      FolderTree.delete(folder);
    }
  }

  /** Fetches as much of a file as its header takes. */
  private void readHeader(RemoteFile file, Path head) throws IOException {
    for (long bytes = FIRST_HEAD; ; bytes *= 4) {
      hub.head(file, bytes, head, progress);
      if (bytes >= file.bytes() || bytes >= LONGEST_HEAD || hasWholeHeader(head, bytes)) {
        return;
      }
    }
  }

  private static boolean hasWholeHeader(Path head, long bytes) {
    try {
      return GgufFile.read(head).dataOffset() <= bytes;
    } catch (InvalidModelFileException cutOrDamaged) {
      return false;
    }
  }

  /** Says what is to be downloaded, and downloads it. Returns the snapshot's folder. */
  Path pull(Repository repository, List<String> paths) throws IOException {
    PullPlan plan = hub.plan(repository, paths, progress);
    announce(plan);
    return hub.pull(plan, progress);
  }

  /** Says which files a plan has, how large they are, and under which licence. */
  void announce(PullPlan plan) {
    Repository repository = plan.repository();
    progress.note(
        "%s at commit %s, %s"
            .formatted(
                repository.name(),
                repository.commit().substring(0, SHORT_COMMIT),
                repository
                    .license()
                    .map(license -> "licence: " + license + " (see its model card)")
                    .orElse("its model card names no licence")));
    for (RemoteFile file : plan.files()) {
      progress.note(
          "  %-48s %10s%s"
              .formatted(
                  file.path(),
                  ByteCount.text(file.bytes()),
                  plan.missing().contains(file) ? "" : "  in the cache"));
    }
    progress.note(
        plan.missing().isEmpty()
            ? "Nothing to download"
            : "To download: %s of %s, into %s"
                .formatted(
                    ByteCount.text(plan.missingBytes()),
                    ByteCount.text(plan.bytes()),
                    hub.cache().folder()));
  }
}
