package dev.vignette.captions.run;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image to caption, and by what.
 *
 * @param image the image
 * @param prepared its pixels at the size of the model
 * @param settings the names of the settings that lack a caption of it, at least one, in the order
 *     of {@link CaptionWorkers#settings}
 * @param <P> what {@link CaptionWorkers#prepare} makes of an image
 */
public record CaptionTask<P>(ImageInput image, P prepared, List<String> settings) {
  /** Copies the names. */
  public CaptionTask {
    settings = List.copyOf(settings);
    if (settings.isEmpty()) {
      throw new IllegalArgumentException(
          "A task has at least one setting, but that of %s has none".formatted(image.path()));
    }
  }

  /** Compares tasks as objects: workers look them up at every step, and pixels are many. */
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
