package dev.vignette.captions.reading;

import dev.vignette.files.faults.MalformedDataException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;

/** Says why a file of data could not be read, in our words and not in a library's. */
public final class ReadFault {
  private static final Pattern CHARACTER =
      Pattern.compile("(?s)Unexpected character \\('(.+?)' \\(code");
  private static final Pattern WORD =
      Pattern.compile("(?s)(?:Unrecognized token|Non-standard token) '(.+?)'");

  private ReadFault() {}

  /** A file is packed by what is not unpacked here. */
  static final class OtherPackingException extends IOException {
    private static final long serialVersionUID = 1L;

    OtherPackingException(String message) {
      super(message);
    }
  }

  /** An exception that says that {@code file} cannot be read, and why. */
  public static UncheckedIOException unreadable(Path file, IOException failure) {
    return new UncheckedIOException(
        "%s cannot be read: %s. %s".formatted(file, why(failure), remedy(failure)), failure);
  }

  /** What to do about it, a sentence. */
  public static String remedy(IOException failure) {
    return switch (failure) {
      case CharacterCodingException _ -> "Save it as UTF-8, unpacked.";
      case ZipException _, EOFException _ -> "Pack it again, or get it whole.";
      case OtherPackingException _ -> "Unpack it, or pack it by gzip.";
      default -> "Check the path and its permissions.";
    };
  }

  /**
   * An exception that says that {@code file} holds no JSON, with the line and what is wrong there;
   * or that it cannot be read, if that is so.
   */
  public static RuntimeException noJson(Path file, JacksonException failure) {
    if (failure instanceof JacksonIOException && failure.getCause() instanceof IOException cause) {
      return unreadable(file, cause);
    }
    return new MalformedDataException(
        "%s, line %d: this is no JSON that can be read: %s. Make the file again, or name another one."
            .formatted(file, line(failure), what(failure)),
        failure);
  }

  /** Why a file could not be read, to stand in a sentence. */
  public static String why(IOException failure) {
    return switch (failure) {
      case NoSuchFileException _ -> "there is no such file";
      case AccessDeniedException _ -> "permission is denied";
      case CharacterCodingException _ -> "it is not UTF-8 text";
      case ZipException _, EOFException _ -> "its gzip data is damaged or cut short";
      case FileSystemException system when system.getReason() != null -> system.getReason();
      default -> String.valueOf(failure.getMessage());
    };
  }

  private static int line(JacksonException failure) {
    TokenStreamLocation where = failure.getLocation();
    return where == null ? 1 : Math.max(1, where.getLineNr());
  }

  private static String what(JacksonException failure) {
    String message = String.valueOf(failure.getOriginalMessage());
    Matcher character = CHARACTER.matcher(message);
    Matcher word = WORD.matcher(message);
    if (failure instanceof UnexpectedEndOfInputException || message.contains("end-of-input")) {
      return "it ends in the middle, so it may have been cut short";
    }
    if (failure instanceof StreamConstraintsException) {
      return "a text or number is too long, or values are nested too deeply";
    }
    if (message.contains("UTF-8")) {
      return "a byte here is not UTF-8";
    }
    if (word.find()) {
      return "\"%s\" stands where a value should be".formatted(word.group(1));
    }
    if (character.find()) {
      return "the character %s cannot stand here".formatted(character.group(1));
    }
    return "a value, a comma or a bracket is wrong or missing here";
  }
}
