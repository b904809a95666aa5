package dev.vignette.cli;

import dev.vignette.captions.run.OutputException;
import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.run.ExitCodes;
import dev.vignette.decoding.InvalidLogitsException;
import dev.vignette.files.faults.MalformedDataException;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.files.sentences.FailureText;
import dev.vignette.hub.HubException;
import dev.vignette.images.UnreadableImageException;
import dev.vignette.llama.LlamaException;
import dev.vignette.torch.TorchLoadException;
import dev.vignette.weights.faults.InvalidModelFileException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;

/**
 * What is thrown, Errors too, said in a sentence on stderr, and the exit code it stands for. Only
 * what nobody thought of comes with a stack trace.
 */
public final class FailureReport implements IExecutionExceptionHandler {
  private static final int MIB = 1 << 20;

  /** What Linux and macOS say to who writes, and never to who reads. */
  private static final List<String> UNWRITABLE =
      List.of(
          "No space left on device",
          "Disk quota exceeded",
          "File too large",
          "Read-only file system");

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine command, ParseResult parseResult) {
    return say(failure, command.getErr());
  }

  /** Says {@code failure} on {@code err}; returns the exit code of a program that it ends. */
  public static int say(Throwable failure, PrintWriter err) {
    int code = exitCode(failure);
    if (code == ExitCodes.CLOSED_PIPE) {
      return code;
    }
    err.println("vignette: " + FailureText.printable(sentence(failure)));
    if (isDefect(failure, code)) {
      err.println("This is a defect of Vignette; please report it with the lines below.");
      failure.printStackTrace(err);
    }
    err.flush();
    return code;
  }

  /** Why an Error or exception came, in a sentence. */
  public static String sentence(Throwable failure) {
    String message = failure.getMessage();
    if (FailureText.lacksMemory(failure)) {
      return FailureText.of(failure);
    }
    return switch (failure) {
      case NoSuchFileException _ -> message + " is not there; check the path";
      case AccessDeniedException _ ->
          message + " may not be read or written; check its permissions";
      case FileAlreadyExistsException _ ->
          message + " is in the way of what is to be made there; name another place, or move it";
      case NotDirectoryException _ -> message + " is no folder; check the path";
      case FileSystemException file ->
          "%s cannot be read or written (%s); check the path and its disk"
              .formatted(
                  file.getFile(),
                  file.getReason() == null ? file.getClass().getSimpleName() : file.getReason());
      case CharacterCodingException _ ->
          "a file that should be text in UTF-8 is not (%s); make it again, or get it whole"
              .formatted(message);
      case IOException io when isUnwritable(io) ->
          "an output cannot be written (%s); make room or give permission, or choose another place"
              .formatted(message);
      case UncheckedIOException unchecked -> ofUnchecked(unchecked);
      case JacksonException json when json.getCause() instanceof IOException cause ->
          sentence(cause);
      case JacksonException json ->
          "a file is not the JSON it should be%s: %s; make the file again"
              .formatted(lineOf(json), json.getOriginalMessage());
      case InternalError _ when isLostMapping(failure) ->
          "a file was cut or written over while it was in use, or its disk failed; put it back whole, and run the same command again";
      case OutOfMemoryError _ -> noMemory(message);
      case LinkageError _ ->
          "a library of this program cannot be loaded (%s); check that the installation is whole and made for this machine: vignette doctor says more"
              .formatted(rootOf(failure));
      default -> message == null ? failure.getClass().getSimpleName() : message;
    };
  }

  private static String lineOf(JacksonException json) {
    TokenStreamLocation place = json.getLocation();
    return place == null || place.getLineNr() < 1 ? "" : ", line " + place.getLineNr();
  }

  /** Whether Java read, by a mapping, what is no longer in the file. */
  private static boolean isLostMapping(Throwable failure) {
    return failure instanceof InternalError
        && String.valueOf(failure.getMessage()).contains("unsafe memory access");
  }

  /** What it says itself, unless that is only what its cause says. */
  private static String ofUnchecked(UncheckedIOException failure) {
    IOException cause = failure.getCause();
    String message = String.valueOf(failure.getMessage());
    return cause != null && cause.toString().equals(message) ? sentence(cause) : message;
  }

  private static String noMemory(@Nullable String message) {
    if (message != null && message.contains("native thread")) {
      return "the system gives this program no more threads or memory; raise the limit (ulimit -u, ulimit -v) or use fewer --threads";
    }
    return "Java's memory of %,d MB is used up; give it more, such as VIGNETTE_JAVA_OPTS=-Xmx%dm, or less to do"
        .formatted(
            Runtime.getRuntime().maxMemory() / MIB, 2 * (Runtime.getRuntime().maxMemory() / MIB));
  }

  private static Throwable rootOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static boolean isDefect(Throwable failure, int code) {
    return code == ExitCodes.NATIVE_FAILURE
        && !FailureText.lacksMemory(failure)
        && !(failure instanceof LlamaException
            || failure instanceof TorchLoadException
            || failure instanceof InvalidLogitsException
            || failure instanceof OutOfMemoryError
            || isLostMapping(failure)
            || failure instanceof LinkageError);
  }

  private static boolean isUnwritable(@Nullable IOException failure) {
    if (failure == null) {
      return false;
    }
    String message = String.valueOf(failure.getMessage());
    return UNWRITABLE.stream().anyMatch(message::contains);
  }

  private static int exitCode(Throwable failure) {
    return FailureText.lacksMemory(failure) ? ExitCodes.NATIVE_FAILURE : exitCodeByKind(failure);
  }

  private static int exitCodeByKind(Throwable failure) {
    return switch (failure) {
      case OutputException output ->
          switch (output.kind()) {
            case CLOSED_PIPE -> ExitCodes.CLOSED_PIPE;
            case NOT_WRITTEN -> ExitCodes.NOT_WRITTEN;
          };
      case UnwritableFileException _, FileAlreadyExistsException _ -> ExitCodes.NOT_WRITTEN;
      case HubException hub ->
          switch (hub.reason()) {
            case DISK_FULL, NOT_WRITTEN -> ExitCodes.NOT_WRITTEN;
            default -> ExitCodes.FAILED;
          };
      case IOException io when isUnwritable(io) -> ExitCodes.NOT_WRITTEN;
      case UncheckedIOException unchecked when isUnwritable(unchecked.getCause()) ->
          ExitCodes.NOT_WRITTEN;
      case JacksonException json when json.getCause() instanceof IOException cause ->
          exitCodeByKind(cause);
      case UsageException _, InvalidModelFileException _, IllegalArgumentException _ ->
          ExitCodes.USAGE;
      case IOException _,
          UncheckedIOException _,
          UnreadableImageException _,
          MalformedDataException _,
          JacksonException _ ->
          ExitCodes.FAILED;
      default -> ExitCodes.NATIVE_FAILURE;
    };
  }
}
