package dev.vignette.eval;

import dev.vignette.captions.CocoCaptions.Image;
import dev.vignette.eval.EvalInputs.ScoredImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the files of annotated images lie.
 *
 * @param root the folder that their file names are relative to
 * @param byKey files that are known by the key of their predictions
 */
public record ImageFolder(Path root, Map<String, Path> byKey) {

  private static final List<String> EXTENSIONS =
      List.of(".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".JPG", ".JPEG", ".PNG");

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

  /** The files of images, of those that are there. */
  public List<Path> files(List<ScoredImage> images) {
    return images.stream().flatMap(image -> find(image).stream()).toList();
  }

  /**
   * The file of an image: by its file name, or else by the last part of that name, or else by that
   * and the extension that it may lack.
   */
  public Optional<Path> find(Image image) {
    Path last = Path.of(image.fileName()).getFileName();
    return Stream.concat(
            Stream.of(image.fileName(), String.valueOf(last)),
            EXTENSIONS.stream().map(extension -> image.fileName() + extension))
        .map(root::resolve)
        .filter(Files::isRegularFile)
        .findFirst();
  }
}
