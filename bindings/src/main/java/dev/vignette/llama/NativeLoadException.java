package dev.vignette.llama;

/**
 * The native libraries could not be found, do not fit this machine, or are not the pinned version.
 */
public class NativeLoadException extends LlamaException {

  private static final long serialVersionUID = 1L;

  public NativeLoadException(String message) {
    super(message);
  }

  public NativeLoadException(String message, Throwable cause) {
    super(message, cause);
  }
}
