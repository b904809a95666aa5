package dev.vignette.captions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A lock that one holder has at a time, among all processes and the threads of this one. It lies on
 * an empty file of its own, {@code .NAME.lock} beside what it guards, which nothing else opens: a
 * POSIX lock ends as soon as its process closes any descriptor of the file. The file stays, since
 * whoever deletes it could leave two holders.
 */
public final class ProcessLock implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ProcessLock.class.getName());
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final @Nullable FileChannel channel;

  private ProcessLock(Path file, @Nullable FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the lock of {@code guarded} if nobody has it. A file system that knows no locks goes
   * without one between processes.
   *
   * @param guarded a file, there or not, in a folder that is there
   * @return the lock, to be closed; empty if another run has it
   * @throws UncheckedIOException if the file of the lock cannot be made
   */
  public static Optional<ProcessLock> tryAcquire(Path guarded) {
    try {
      Path folder = guarded.toAbsolutePath().resolveSibling("").toRealPath();
      Path file = folder.resolve(FileNames.fitting(".", guarded.getFileName() + "", ".lock"));
      if (!HELD.add(file)) { // Opening it once more, and closing it, would end the lock.
        return Optional.empty();
      }
      Optional<ProcessLock> lock = Optional.empty();
      try {
        lock = lock(file);
        return lock;
      } finally {
        if (lock.isEmpty()) {
          HELD.remove(file);
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "%s cannot be locked against other runs (%s). Give permission to write in its folder, or choose another."
              .formatted(guarded, failure),
          failure);
    }
  }

  private static Optional<ProcessLock> lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (IOException unsupported) {
      LOG.log(System.Logger.Level.DEBUG, () -> file + " cannot be locked", unsupported);
      channel.close();
      return Optional.of(new ProcessLock(file, null));
    }
    if (lock == null) {
      channel.close();
      return Optional.empty();
    }
    return Optional.of(new ProcessLock(file, channel));
  }

  /** Gives the lock back. */
  @Override
  public void close() {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException failure) {
      LOG.log(System.Logger.Level.DEBUG, () -> file + " was not closed in order", failure);
    } finally {
      HELD.remove(file);
    }
  }
}
