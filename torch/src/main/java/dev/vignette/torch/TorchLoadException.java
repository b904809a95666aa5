package dev.vignette.torch;

import org.jspecify.annotations.Nullable;

/** Says that the PyTorch engine does not start on this machine, and why. */
public final class TorchLoadException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says {@code message}, whole sentences, because of {@code cause} where that is known. */
  TorchLoadException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
