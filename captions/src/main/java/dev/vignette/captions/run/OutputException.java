package dev.vignette.captions.run;

/**
 * Says that captions could not be printed or written while a run was going on. What the run had
 * saved before stays.
 */
public final class OutputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** Why an output takes nothing more. */
  public enum Kind {
    /** The reader of the standard output has closed it: nobody wants more, and nothing is wrong. */
    CLOSED_PIPE,
    /** The output is full, closed or cannot be written for another reason. */
    NOT_WRITTEN
  }

  /** Says {@code message}, whole sentences, of an output that could not be written. */
  public OutputException(String message, Throwable cause) {
    this(Kind.NOT_WRITTEN, message, cause);
  }

  /** Says {@code message}, whole sentences, of an output that fails as {@code kind} tells. */
  public OutputException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Returns why the output takes nothing more. */
  public Kind kind() {
    return kind;
  }
}
