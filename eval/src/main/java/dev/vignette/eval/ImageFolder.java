package dev.vignette.eval;

import dev.vignette.captions.CocoCaptions.Image;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the files of annotated images lie.
 *
 * @param root the folder that their file names are relative to
 */
public record ImageFolder(Path root) {

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
