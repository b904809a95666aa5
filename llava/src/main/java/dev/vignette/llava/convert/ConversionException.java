package dev.vignette.llava.convert;

/**
 * A model that cannot be converted. The message names the file, the rule, the value, the remedy.
 */
public final class ConversionException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  public ConversionException(String message) {
    super(message);
  }
}
