package dev.vignette.llama;

/** A native call failed. The message says which, what llama.cpp logged about it, and what to do. */
public class LlamaException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public LlamaException(String message) {
    super(message);
  }

  public LlamaException(String message, Throwable cause) {
    super(message, cause);
  }
}
