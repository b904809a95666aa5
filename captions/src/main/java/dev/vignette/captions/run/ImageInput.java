package dev.vignette.captions.run;

import java.nio.file.Path;

/**
 * One image to caption.
 *
 * @param path where it is, as the user would write it
 * @param key its name in the predictions, unique in a run
 */
public record ImageInput(Path path, String key) {
  /** Checks that the key names something. */
  public ImageInput {
    if (key.isBlank()) {
      throw new IllegalArgumentException("The key of %s names it, but is blank".formatted(path));
    }
  }

  /** Returns the absolute path, without {@code .} and {@code ..}. */
  String absolutePath() {
    return path.toAbsolutePath().normalize().toString();
  }
}
