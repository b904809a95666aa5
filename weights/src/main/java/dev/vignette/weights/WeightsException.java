package dev.vignette.weights;

/** A weight file that cannot be used: damaged, or not of the model asked for. */
public final class WeightsException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public WeightsException(String message) {
    super(message);
  }

  public WeightsException(String message, Throwable cause) {
    super(message, cause);
  }
}
