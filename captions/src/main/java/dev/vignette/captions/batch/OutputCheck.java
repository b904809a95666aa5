package dev.vignette.captions.batch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Looks, before any work, whether outputs can be written and what would be lost. */
final class OutputCheck {
  private static final int HEADER_BYTES = 4096;

  private final OutputFiles files;
  private final List<ImageInput> images;

  private OutputCheck(OutputFiles files, List<ImageInput> images) {
    this.files = files;
    this.images = images;
  }

  /**
   * Checks that {@code files} can take the captions of {@code images}.
   *
   * @throws UsageException if not
   */
  static void require(OutputFiles files, List<ImageInput> images) {
    OutputCheck check = new OutputCheck(files, images);
    check.requireFolder();
    check.requireRegular(files.predictions());
    check.requireRegular(files.journalFile());
    check.requireRegular(files.detailsFile());
    check.requireNothingLost();
    if (files.sidecars() != null) {
      check.requireSidecars();
    }
  }

  private void requireFolder() {
    Path file = files.predictions();
    if (Files.isDirectory(file)) {
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
          "Outputs are regular files, but %s is none. Give another --output, or none to have the captions on the standard output."
              .formatted(file));
    }
  }

  private void requireNothingLost() {
    Optional<String> header = firstLine(files.journalFile());
    header.ifPresent(
        line -> Journal.requireSame(files.journalFile(), line, JournalHeader.of(files.keys())));
    Set<String> foreign = new HashSet<>(ExistingPredictions.read(files.predictions()).keySet());
    if (header.isPresent() || files.overwrite()) {
      return;
    }
    List<String> lost = images.stream().map(ImageInput::key).filter(foreign::contains).toList();
    if (!lost.isEmpty()) {
      throw new UsageException(
          "%s has captions of %d of these images already (%s), but no journal %s that says how they were made. Give another --output, or --overwrite to replace them."
              .formatted(
                  files.predictions(),
                  lost.size(),
                  ImageInputs.firstOf(lost, ", "),
                  files.journalFile().getFileName()));
    }
  }

  /** The first line of {@code file} if it is there and has one. */
  private static Optional<String> firstLine(Path file) {
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file)) {
      String start = new String(in.readNBytes(HEADER_BYTES), StandardCharsets.UTF_8);
      int end = start.indexOf('\n');
      return end < 0 ? Optional.empty() : Optional.of(start.substring(0, end));
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "%s cannot be read (%s). Give permission, or another --output."
              .formatted(file, failure.getMessage()),
          failure);
    }
  }

  private void requireSidecars() {
    Map<Path, Path> imageOf = new HashMap<>();
    Set<Path> folders = new HashSet<>();
    List<String> clashes = new ArrayList<>();
    images.forEach(image -> imageOf.put(absolute(image.path()), image.path()));
    for (ImageInput image : images) {
      Path sidecar = absolute(SidecarText.fileOf(image.path()));
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
    folders.forEach(folder -> requireWritable(folder, "With --sidecars the folder of each image"));
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }
}
