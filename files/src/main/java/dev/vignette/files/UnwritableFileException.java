package dev.vignette.files;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A file or folder that could not be written; what was there before is unchanged. Commands exit
 * with 74.
 */
public final class UnwritableFileException extends UncheckedIOException {
  private static final long serialVersionUID = 1L;

  /** Says {@code message}, whole sentences with the file, because of {@code cause}. */
  public UnwritableFileException(String message, IOException cause) {
    super(message, cause);
  }
}
