package dev.vignette;

import dev.vignette.captions.MalformedDataException;
import dev.vignette.captions.UnreadableImageException;
import dev.vignette.captions.batch.UsageException;
import dev.vignette.llama.LlamaException;
import dev.vignette.weights.gguf.InvalidModelFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** What the libraries throw, said in a sentence on stderr, and the exit code it stands for. */
final class FailureReport implements IExecutionExceptionHandler {

  /** Some inputs failed, or could not be read or written. */
  static final int FAILED = 1;

  /** The native side failed, or something nobody thought of. */
  static final int NATIVE_FAILURE = 70;

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine command, ParseResult parseResult) {
    command.getErr().println("vignette: " + sentence(failure));
    int code = exitCode(failure);
    if (code == NATIVE_FAILURE && !(failure instanceof LlamaException)) {
      command
          .getErr()
          .println("This is a defect of Vignette; please report it with the lines below.");
      failure.printStackTrace(command.getErr());
    }
    return code;
  }

  private static String sentence(Exception failure) {
    String message = failure.getMessage();
    return switch (failure) {
      case NoSuchFileException _ -> message + " is not there; check the path";
      case AccessDeniedException _ ->
          message + " may not be read or written; check its permissions";
      default -> message == null ? failure.getClass().getSimpleName() : message;
    };
  }

  private static int exitCode(Exception failure) {
    return switch (failure) {
      case UsageException _, InvalidModelFileException _, IllegalArgumentException _ ->
          ExitCode.USAGE;
      case IOException _,
          UncheckedIOException _,
          UnreadableImageException _,
          MalformedDataException _ ->
          FAILED;
      default -> NATIVE_FAILURE;
    };
  }
}
