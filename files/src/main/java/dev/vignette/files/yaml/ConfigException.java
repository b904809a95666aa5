package dev.vignette.files.yaml;

/** A configuration that cannot be used; the message says where and what is allowed. */
public final class ConfigException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Says {@code message}. */
  public ConfigException(String message) {
    super(message);
  }

  /** Says {@code message}, because of {@code cause}. */
  public ConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
