package dev.vignette.eval;

import dev.vignette.captions.CocoCaptions.Image;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where the files of annotated images lie.
 *
 * @param root the folder that their file names are relative to
 * @param byKey files that are known by the key of their predictions
 */
public record ImageFolder(Path root, Map<String, Path> byKey) {

  /** Copies the files. */
  public ImageFolder {
    byKey = Map.copyOf(byKey);
  }

  /** A folder in which images are found by their file names. */
  public ImageFolder(Path root) {
    this(root, Map.of());
  }

  /** The file of an image that is scored: by its key, or else as {@link #find(Image)} finds it. */
  public Optional<Path> find(ScoredImage image) {
    Path known = byKey.get(image.key());
    return known != null ? Optional.of(known) : find(image.image());
  }

  /** The file of an image: by its file name, or else by the last part of that name. */
  public Optional<Path> find(Image image) {
    Path whole = root.resolve(image.fileName());
    if (Files.isRegularFile(whole)) {
      return Optional.of(whole);
    }
    Path last = root.resolve(Path.of(image.fileName()).getFileName());
    return Files.isRegularFile(last) ? Optional.of(last) : Optional.empty();
  }
}
