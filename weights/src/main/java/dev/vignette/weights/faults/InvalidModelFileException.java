package dev.vignette.weights.faults;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/**
 * A file that cannot be used as the model it was given for. The message names the file, the rule it
 * breaks, the value found and what to do.
 */
public final class InvalidModelFileException extends RuntimeException {

  /** A remedy for a file that is not whole. */
  public static final String DOWNLOAD_AGAIN = "Download or copy it again";

  /** A remedy for a file that contradicts itself. */
  public static final String DAMAGED =
      "The file is damaged, or a faulty tool wrote it: download it again or convert it anew";

  private static final long serialVersionUID = 1L;

  /**
   * A file and what is wrong with it.
   *
   * @param problem what is wrong, beginning with a verb whose subject is the file
   * @param remedy what to do, a sentence without its full stop
   */
  public InvalidModelFileException(Path file, String problem, String remedy) {
    super(file + " " + problem + ". " + remedy + ".");
  }

  private InvalidModelFileException(Path file, String problem, String remedy, IOException cause) {
    super(file + " " + problem + ". " + remedy + ".", cause);
  }

  /** A file that the system does not let us read, as {@code cause} says. */
  public static InvalidModelFileException unreadable(Path file, IOException cause) {
    if (cause instanceof AccessDeniedException) {
      return new InvalidModelFileException(
          file,
          "may not be read by this user: permission denied",
          "Give read permission (chmod u+r)",
          cause);
    }
    String reason =
        cause instanceof FileSystemException failure ? failure.getReason() : cause.getMessage();
    return new InvalidModelFileException(
        file,
        "cannot be read: " + (reason == null ? cause.getClass().getSimpleName() : reason),
        "Check the path and the disk it is on",
        cause);
  }
}
