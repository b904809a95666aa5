package dev.vignette.cli;

import dev.vignette.captions.run.OutputException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The standard output, which tells when it takes nothing more: {@link PrintWriter} swallows an
 * {@link IOException}, but not the {@link OutputException} that this throws in its place. It throws
 * once, at the first failure; what is written afterwards is dropped.
 */
final class StandardOutput extends OutputStream {
  private static final Path DESCRIPTOR = Path.of("/proc/self/fd/1");

  private final OutputStream out;
  private final BooleanSupplier pipe;
  private @Nullable OutputException failure;

  /**
   * An output that writes through to {@code out}.
   *
   * @param pipe whether that is a pipe, where a failure means that nobody reads any more
   */
  StandardOutput(OutputStream out, BooleanSupplier pipe) {
    this.out = out;
    this.pipe = pipe;
  }

  /** The standard output of this process. */
  static StandardOutput ofProcess() {
    return new StandardOutput(new FileOutputStream(FileDescriptor.out), StandardOutput::isPipe);
  }

  /** A writer of UTF-8 on it, which is to be flushed. */
  PrintWriter writer() {
    return new PrintWriter(this, false, StandardCharsets.UTF_8);
  }

  /** Why it takes nothing more, empty while it does. */
  Optional<OutputException> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    if (failure != null) {
      return;
    }
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      OutputException failed = explain(e);
      failure = failed;
      throw failed;
    }
  }

  private OutputException explain(IOException e) {
    if (pipe.getAsBoolean()) {
      return new OutputException(
          OutputException.Kind.CLOSED_PIPE, "The reader of the standard output has closed it.", e);
    }
    return new OutputException(
        "The standard output cannot be written (%s): what was printed is not whole. Make room, or send it elsewhere."
            .formatted(e.getMessage()),
        e);
  }

  /** By what it is: the system's words for a broken pipe may be in any language. */
  private static boolean isPipe() {
    try {
      String kind = Files.readSymbolicLink(DESCRIPTOR).toString();
      return kind.startsWith("pipe:") || kind.startsWith("socket:");
    } catch (IOException | RuntimeException _) {
      return false;
    }
  }
}
