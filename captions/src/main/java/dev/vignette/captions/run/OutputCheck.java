package dev.vignette.captions.run;

import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.Journal.JournalState;
import dev.vignette.captions.run.RunOutput.PredictionsFile;
import dev.vignette.captions.run.RunOutput.SidecarText;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.faults.UnwritableFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks, before any work, whether outputs can be written and what would be lost. */
final class OutputCheck {
  private final RunOutput.Saved output;
  private final List<ImageInput> images;

  /** The files that have the images. */
  private final Set<Path> files;

  private final Map<Path, String> hashes = new HashMap<>();
  private final RealPlaces places = new RealPlaces();

  /** What a run writes by where it is, but for sidecars. */
  private final Map<Path, String> written = new HashMap<>();

  private OutputCheck(RunOutput.Saved output, List<ImageInput> images) {
    this.output = output;
    this.images = images;
    this.files =
        images.stream().map(ImageInput::file).collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * Checks that {@code output} can take the captions of {@code inputs}.
   *
   * @param read files and folders that the run reads besides the images
   * @throws UsageException if not
   */
  static void require(RunOutput.Saved output, ImageInputs inputs, Collection<Path> read) {
    inputs.requireUniqueKeys(output.keys());
    OutputCheck check = new OutputCheck(output, inputs.images());
    check.requireDistinct();
    check.requireKept(read);
    for (PredictionsFile file : output.bySetting().values()) {
      check.requireFolder(file.path());
      check.requireRegular(file.path());
      check.requireRegular(file.journal());
      check.requireRegular(file.details());
      check.requireNothingLost(file);
    }
    SidecarText sidecars = output.sidecars();
    if (sidecars != null) {
      check.requireSidecars(sidecars);
    }
  }

  /**
   * Makes a check again that the run began with, for what others have done since.
   *
   * @throws UnwritableFileException where it throws a {@link UsageException}
   */
  static void again(Runnable check) {
    try {
      check.run();
    } catch (UsageException changed) {
      throw new UnwritableFileException(
          String.valueOf(changed.getMessage()), new IOException(changed));
    }
  }

  /** Each file that is written has one use, and is no image; {@code --overwrite} or not. */
  private void requireDistinct() {
    for (PredictionsFile file : output.bySetting().values()) {
      String name = output.inFolder() ? "the captions " + file.path().getFileName() : "--output";
      write(name, file.path());
      write("the journal of " + name, file.journal());
      write("the lock of the journal of " + name, ProcessLock.fileOf(file.journal()));
      write("the details of " + name, file.details());
      write("the lock of the details of " + name, ProcessLock.fileOf(file.details()));
    }
    output.exports().forEach(export -> writeLocked(export.form().option(), export.file()));
    ShardExport shards = output.shards();
    if (shards != null) {
      for (Path shard : ShardExport.byShard(images).keySet()) {
        writeLocked("a shard of " + ShardExport.OPTION, shards.target(shard));
      }
    }
    for (Path file : files) {
      for (Path place : List.of(places.entry(file), places.target(file))) {
        String what = written.get(place);
        if (what != null) {
          throw new UsageException(
              "The place of %s is that of %s %s, which would be lost. Give another file."
                  .formatted(
                      what,
                      ImageInputs.isShard(file.toString()) ? "the shard" : "the image",
                      file));
        }
      }
    }
  }

  /** What is read is not written over, {@code --overwrite} or not. */
  private void requireKept(Collection<Path> read) {
    Map<Path, Path> kept = new HashMap<>();
    for (Path one : read) {
      for (Path file : filesOf(one)) {
        kept.put(places.entry(file), file);
        kept.put(places.target(file), file);
      }
    }
    written.forEach((place, what) -> {
      Path file = kept.get(place);
      if (file != null) {
        throw new UsageException(
            "The place of %s is that of %s, which this run reads and which would be lost. Give another file."
                .formatted(what, file));
      }
    });
    SidecarText sidecars = output.sidecars();
    if (sidecars != null) {
      requireNoSidecarOn(kept, sidecars);
    }
  }

  private void requireNoSidecarOn(Map<Path, Path> kept, SidecarText sidecars) {
    for (ImageInput image : images) {
      Path file = kept.get(places.entry(sidecars.fileOf(image)));
      if (file != null) {
        throw new UsageException(
            "The sidecar of %s would take the place of %s, which this run reads. Move or rename that file, or give another --sidecar-extension or --sidecar-folder."
                .formatted(image.path(), file));
      }
    }
  }

  private static List<Path> filesOf(Path place) {
    if (!Files.isDirectory(place)) {
      return List.of(place);
    }
    try (Stream<Path> files = Files.list(place)) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException _) {
      return List.of(); // whoever reads the folder says so
    }
  }

  /** Notes a file that is written; pipes and devices take any number of writers. */
  private void write(String what, Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      return;
    }
    String other = written.putIfAbsent(places.target(file), what);
    if (other != null) {
      throw new UsageException(
          "%s and %s would be the same file, %s, and one would be lost. Give each a file of its own."
              .formatted(other, what, file));
    }
  }

  private void writeLocked(String what, Path file) {
    write(what, file);
    PredictionsFile place = new PredictionsFile(file);
    if (place.isLockable()) {
      write("the lock of " + what, ProcessLock.fileOf(place.journal()));
    }
  }

  private void requireFolder(Path file) {
    if (Files.isDirectory(file) && !output.inFolder()) {
      throw new UsageException(
          "--output is a file, but %s is a folder. Give a file in it, such as %s."
              .formatted(file, file.resolve("predictions.json")));
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new UsageException(
          "The folder of --output must exist, but there is no folder %s. Create it, or give another --output."
              .formatted(folder));
    }
    requireWritable(folder, "The folder of --output");
  }

  private static void requireWritable(Path folder, String what) {
    if (!Files.isWritable(folder)) {
      throw new UsageException(
          "%s must be writable, but %s is not. Give permission, or choose another."
              .formatted(what, folder));
    }
  }

  private void requireRegular(Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new UsageException(
          "Outputs are regular files, but %s is none. Give another --output%s."
              .formatted(
                  file,
                  output.inFolder()
                      ? ""
                      : ", or none to have the captions on the standard output"));
    }
  }

  private void requireNothingLost(PredictionsFile file) {
    Optional<JournalState> journal = Journal.look(file.journal(), output.keys());
    Map<String, String> captions = file.read();
    if (!output.overwrite()) {
      if (journal.isPresent()) {
        requireNoOtherImages(file, journal.get());
      } else {
        requireNoCaptions(file, captions.keySet());
      }
    }
    JournalState known = journal.orElseGet(JournalState::new);
    for (CaptionExport export : output.exports()) {
      export.require(images, output.overwrite(), captions, known);
    }
    ShardExport shards = output.shards();
    if (shards != null) {
      shards.require(images, output.overwrite(), known::exported);
    }
  }

  private void requireNoCaptions(PredictionsFile file, Set<String> foreign) {
    List<String> lost = images.stream().map(ImageInput::key).filter(foreign::contains).toList();
    if (!lost.isEmpty()) {
      throw new UsageException(
          "%s has captions of %d of these images already (%s), but no journal %s that says how they were made. Give another --output%s."
              .formatted(
                  file.path(),
                  lost.size(),
                  ImageInputs.firstOf(lost, ", "),
                  file.journal().getFileName(),
                  output.inFolder() ? "" : ", or --overwrite to replace them"));
    }
  }

  /** Another image under the same key is not the old one changed, and not the old one moved. */
  private void requireNoOtherImages(PredictionsFile file, JournalState journal) {
    List<String> others = new ArrayList<>();
    for (ImageInput image : images) {
      journal
          .last(image.key())
          .filter(entry -> entry.isOfAnotherPath(image))
          .filter(entry -> isOtherContent(image, entry.sha256()))
          .ifPresent(entry ->
              others.add("%s (%s, %s)".formatted(image.key(), entry.path(), image.path())));
    }
    if (!others.isEmpty()) {
      throw new UsageException(
          "%s has captions of other images under the keys of %d of these: %s. Give another --output; or give the folder that holds both%s and a new --output, or rename the images%s."
              .formatted(
                  file.path(),
                  others.size(),
                  ImageInputs.firstOf(others, "; "),
                  output.keys() == KeyMode.PATH ? "" : " with --keys path",
                  output.inFolder()
                      ? ""
                      : "; where the others are gone for good, --overwrite replaces their captions"));
    }
  }

  /** Whether {@code image} can be read and has another hash; one that cannot takes no caption. */
  private boolean isOtherContent(ImageInput image, String sha256) {
    String now = hashes.computeIfAbsent(image.path(), _ -> hashIfReadable(image));
    return !now.isEmpty() && !now.equals(sha256);
  }

  private static String hashIfReadable(ImageInput image) {
    try {
      return image.sha256();
    } catch (IOException _) {
      return "";
    }
  }

  private static void requireSidecarFolder(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new UsageException(
          "The folder of the sidecars must exist, but there is no folder %s. Create it, or give another --sidecar-folder."
              .formatted(folder));
    }
    requireWritable(folder, "The folder of the sidecars");
  }

  private void requireSidecars(SidecarText text) {
    Map<Path, Path> imageOf = new HashMap<>();
    Set<Path> folders = new HashSet<>();
    List<String> clashes = new ArrayList<>();
    for (Path file : files) {
      imageOf.put(places.entry(file), file);
      imageOf.put(places.target(file), file);
    }
    for (ImageInput image : images) {
      if (image.entry().isPresent() && text.folder().isEmpty()) {
        throw new UsageException(
            "A sidecar lies beside its image, but %s lies within a shard. Give --sidecar-folder DIR, or --webdataset DIR for shards with the captions in them."
                .formatted(image.path()));
      }
      Path sidecar = places.entry(text.fileOf(image));
      requireNoOutput(sidecar, image);
      Path other = imageOf.putIfAbsent(sidecar, image.path());
      if (other != null) {
        clashes.add("%s (%s, %s)".formatted(sidecar.getFileName(), other, image.path()));
      }
      folders.add(sidecar.getParent());
    }
    if (!clashes.isEmpty()) {
      throw new UsageException(
          "Every image needs a sidecar of its own, but %d would be written over: %s. Rename the images, or leave out --sidecars."
              .formatted(clashes.size(), ImageInputs.firstOf(clashes, "; ")));
    }
    if (text.folder().isPresent()) {
      requireSidecarFolder(text.folder().get());
    } else {
      folders.forEach(
          folder -> requireWritable(folder, "With --sidecars the folder of each image"));
    }
  }

  private void requireNoOutput(Path sidecar, ImageInput image) {
    String what = written.get(sidecar);
    if (what != null) {
      throw new UsageException(
          "The place of %s is that of the sidecar of %s, %s, and one would be lost. Give another file, or another --sidecar-extension."
              .formatted(what, image.path(), sidecar));
    }
  }

  /** Where files really are or would be made, whatever links lead there. */
  static final class RealPlaces {
    private static final int MOST_LINKS = 40;

    private final Map<Path, Path> folders = new HashMap<>();

    /** The name of {@code file} in its real folder; a link that the file itself is stays one. */
    Path entry(Path file) {
      Path whole = file.toAbsolutePath();
      Path folder = whole.getParent();
      Path name = whole.getFileName();
      return folder == null || name == null
          ? whole.normalize()
          : folders.computeIfAbsent(folder, RealPlaces::realFolder).resolve(name).normalize();
    }

    /** Where a write to {@code file} ends up: {@link #entry}, or what it links to. */
    Path target(Path file) {
      Path place = entry(file);
      try {
        for (int links = 0; links < MOST_LINKS && Files.isSymbolicLink(place); links++) {
          place = entry(place.resolveSibling(Files.readSymbolicLink(place)));
        }
      } catch (IOException _) {
        return place; // whoever opens it says why that cannot be done
      }
      return place;
    }

    /** The real path of a folder, of which the last parts may be missing yet. */
    private static Path realFolder(Path folder) {
      try {
        return folder.toRealPath();
      } catch (IOException _) {
        Path parent = folder.getParent();
        Path name = folder.getFileName();
        return parent == null || name == null
            ? folder
            : realFolder(parent).resolve(name).normalize();
      }
    }
  }
}
