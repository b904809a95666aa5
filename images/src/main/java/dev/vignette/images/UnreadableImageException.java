package dev.vignette.images;

import org.jspecify.annotations.Nullable;

/**
 * A file that gives no picture. The message is a sentence that names the file, says what is wrong
 * with it and what to do; {@link #reason} is the same for a program.
 */
public final class UnreadableImageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** Why there is no picture. */
  public enum Reason {
    /** The file is not there, is a folder, a device or a pipe, or may not be read. */
    NO_ACCESS,
    /** The file has no bytes. */
    EMPTY,
    /** The file is no image: text, or bytes of no known kind. */
    NOT_AN_IMAGE,
    /** The image ends too early. */
    TRUNCATED,
    /** The image contradicts its own format. */
    DAMAGED,
    /** The image is of a kind that is not read here. */
    UNSUPPORTED,
    /** The image has more pixels or bytes than the limit. */
    TOO_LARGE
  }

  UnreadableImageException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why there is no picture. */
  public Reason reason() {
    return reason;
  }
}
