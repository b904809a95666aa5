package dev.vignette.files.sentences;

/** What a failure says of itself. */
public final class FailureText {
  private FailureText() {}

  /** Its message, or its type if it says nothing. */
  public static String of(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank() ? failure.toString() : message;
  }
}
