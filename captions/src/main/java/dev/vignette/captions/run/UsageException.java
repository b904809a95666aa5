package dev.vignette.captions.run;

/**
 * A request that cannot be carried out as given, found before any work: a missing file, an output
 * without a folder. The message states the rule, the value and what to do; commands exit with 2.
 */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says {@code message}, whole sentences. */
  public UsageException(String message) {
    super(message);
  }

  /** Says {@code message}, whole sentences, because of {@code cause}. */
  public UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
