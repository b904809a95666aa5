package dev.vignette.files.sentences;

import java.util.List;
import java.util.regex.Pattern;

/** What a failure says of itself. */
public final class FailureText {
  /** What Linux, C++ and libtorch say to who gets no memory. */
  private static final List<String> NO_MEMORY =
      List.of(
          "bad_alloc", "allocate memory", "failed to map segment", "Map failed", "out of memory");

  /** How TorchScript begins: lines of its own code follow, and the last line says what failed. */
  private static final String TORCH_SCRIPT =
      "The following operation failed in the TorchScript interpreter";

  /** What a terminal obeys; lines and columns are ours. */
  private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]");

  private FailureText() {}

  /** A text with control characters, such as a file's name may have, written out. */
  public static String printable(String text) {
    return CONTROL
        .matcher(text)
        .replaceAll(found -> "\\\\u%04x".formatted((int) found.group().charAt(0)));
  }

  /**
   * Its message, or its type if it says nothing; whole sentences where a library has no memory, and
   * the last line of what TorchScript says.
   */
  public static String of(Throwable failure) {
    if (lacksMemory(failure)) {
      return "The system gives this program no more memory. Raise the limit (ulimit -v, or that of the container), or give it less to do: smaller batches, fewer workers or --threads.";
    }
    String message = failure.getMessage();
    if (message == null || message.isBlank()) {
      return failure.toString();
    }
    return message.startsWith(TORCH_SCRIPT)
        ? "libtorch failed: " + message.strip().lines().reduce("", (_, last) -> last)
        : message;
  }

  /** Whether the system, or a library that it gave none, speaks of memory; our own words stand. */
  public static boolean lacksMemory(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      String message = String.valueOf(each.getMessage());
      boolean ours = each.getClass().getName().startsWith("dev.vignette.");
      if (!ours
          && !(each instanceof OutOfMemoryError)
          && NO_MEMORY.stream().anyMatch(message::contains)) {
        return true;
      }
    }
    return false;
  }
}
