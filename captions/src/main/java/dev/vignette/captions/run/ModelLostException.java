package dev.vignette.captions.run;

import org.jspecify.annotations.Nullable;

/** The model of a {@link CaptionService} captions nothing any more; no image is to blame. */
public final class ModelLostException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  ModelLostException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
