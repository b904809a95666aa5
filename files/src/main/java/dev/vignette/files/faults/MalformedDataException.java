package dev.vignette.files.faults;

/**
 * A file that could be read but does not hold what its format asks for. The message names the file,
 * the line where there is one, the rule, the value found and what to do.
 */
public final class MalformedDataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says {@code message}, a whole sentence. */
  public MalformedDataException(String message) {
    super(message);
  }

  /** Says {@code message}, a whole sentence, because of {@code cause}. */
  public MalformedDataException(String message, Throwable cause) {
    super(message, cause);
  }
}
