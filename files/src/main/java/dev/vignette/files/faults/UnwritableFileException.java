package dev.vignette.files.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/**
 * A file or folder that could not be written; what was there before is unchanged. Commands exit
 * with 74.
 */
public final class UnwritableFileException extends UncheckedIOException {
  private static final long serialVersionUID = 1L;

  /** Says {@code message}, whole sentences with the file, because of {@code cause}. */
  public UnwritableFileException(String message, IOException cause) {
    super(message, cause);
  }

  /** Why something could not be written, in the system's words without any class or path. */
  public static String reasonOf(IOException failure) {
    return switch (failure) {
      case FileSystemException system when system.getReason() != null -> system.getReason();
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException missing -> "there is no " + missing.getFile();
      case FileAlreadyExistsException there -> there.getFile() + " is in the way";
      case IOException _ when failure.getClass() == IOException.class ->
          String.valueOf(failure.getMessage());
      default -> failure.getClass().getSimpleName() + ": " + failure.getMessage();
    };
  }
}
