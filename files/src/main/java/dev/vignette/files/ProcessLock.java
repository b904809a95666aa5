package dev.vignette.files;

import dev.vignette.files.AtomicFile.FileNames;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A lock that holds between processes and between the threads of this one, until it is closed or
 * the process ends. It lies in a file of its own, {@code .NAME.lock} beside what it guards and not
 * beside a symbolic link to that, which nothing else opens and nobody deletes: POSIX gives a
 * process's locks on a file up when the process closes any descriptor of that file, so a file that
 * is also read and written cannot carry its own lock.
 *
 * <p>Many may hold a shared lock, or one an exclusive one; no holder may ask for a second lock on
 * the same path. A file system without locks goes without one between processes.
 */
public final class ProcessLock implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ProcessLock.class.getName());
  private static final long RETRY_MILLIS = 20;

  /** What this process holds or is taking, by the lock's file; guarded by itself. */
  private static final Map<Path, Hold> HOLDS = new HashMap<>();

  private final Path file;
  private boolean open = true;

  /** One descriptor of a lock's file, which all shared locks of this process have in common. */
  private static final class Hold {
    private final boolean shared;
    private @Nullable FileChannel channel;
    private int locks = 1;

    Hold(boolean shared) {
      this.shared = shared;
    }
  }

  private ProcessLock(Path file) {
    this.file = file;
  }

  /**
   * Takes the lock of {@code path} alone, after waiting for all others to give it up.
   *
   * @param path a file or folder, there or not, in a folder that is there
   * @throws IOException if the lock's file cannot be made, or the thread is interrupted
   */
  public static ProcessLock exclusive(Path path) throws IOException {
    return take(path, false, true).orElseThrow();
  }

  /** Takes the lock of {@code path} beside other shared ones, as {@link #exclusive} does. */
  public static ProcessLock shared(Path path) throws IOException {
    return take(path, true, true).orElseThrow();
  }

  /**
   * Takes the lock of {@code path} alone; empty if another process or thread has it.
   *
   * @throws IOException if the lock's file cannot be made
   */
  public static Optional<ProcessLock> tryExclusive(Path path) throws IOException {
    return take(path, false, false);
  }

  /** Takes a shared lock of {@code path}; empty if another process or thread has it alone. */
  static Optional<ProcessLock> tryShared(Path path) throws IOException {
    return take(path, true, false);
  }

  /** Returns the file that the lock of {@code path} lies in. */
  public static Path fileOf(Path path) {
    Path place = placeOf(path);
    return place.resolveSibling(FileNames.fitting(".", place.getFileName() + "", ".lock"));
  }

  /**
   * What {@code path} leads to by all links, there or not yet: whatever it is called by, one lock.
   */
  private static Path placeOf(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException _) {
      try {
        return AtomicFile.behindLinks(path);
      } catch (IOException _) {
        return path.toAbsolutePath().normalize(); // whoever opens it says why that cannot be done
      }
    }
  }

  private static Optional<ProcessLock> take(Path path, boolean shared, boolean wait)
      throws IOException {
    Path whole = fileOf(path);
    Path folder = whole.getParent();
    if (folder == null) {
      throw new IllegalArgumentException("%s has no folder for its lock".formatted(path));
    }
    Path file = folder.toRealPath().resolve(whole.getFileName());
    Hold mine = new Hold(shared);
    synchronized (HOLDS) {
      for (Hold other = HOLDS.putIfAbsent(file, mine);
          other != null;
          other = HOLDS.putIfAbsent(file, mine)) {
        if (shared && other.shared && other.channel != null) {
          other.locks++;
          return Optional.of(new ProcessLock(file));
        }
        if (!wait) {
          return Optional.empty();
        }
        awaitChange();
      }
    }
    return lockFile(file, mine, wait) ? Optional.of(new ProcessLock(file)) : Optional.empty();
  }

  /** Waits, holding the monitor of {@link #HOLDS}, until another thread changes them. */
  @SuppressWarnings("WaitNotInLoop") // the caller's
  private static void awaitChange() throws IOException {
    try {
      HOLDS.wait();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new FileLockInterruptionException();
    }
  }

  /** Locks the file for {@code hold}, or takes {@code hold} away again. */
  private static boolean lockFile(Path file, Hold hold, boolean wait) throws IOException {
    FileChannel channel = null;
    boolean locked = false;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      locked = lock(file, channel, hold.shared, wait);
    } finally {
      synchronized (HOLDS) {
        if (locked) {
          hold.channel = channel;
        } else {
          HOLDS.remove(file);
          close(channel);
        }
        HOLDS.notifyAll();
      }
    }
    return locked;
  }

  private static boolean lock(Path file, FileChannel channel, boolean shared, boolean wait)
      throws IOException {
    while (true) {
      try {
        FileLock lock =
            wait
                ? channel.lock(0, Long.MAX_VALUE, shared)
                : channel.tryLock(0, Long.MAX_VALUE, shared);
        return lock != null;
      } catch (OverlappingFileLockException _) { // by another class loader of this process
        if (!wait) {
          return false;
        }
        sleep();
      } catch (ClosedChannelException | FileLockInterruptionException interrupted) {
        throw interrupted;
      } catch (IOException unsupported) {
        LOG.log(System.Logger.Level.DEBUG, () -> file + " cannot be locked", unsupported);
        return true;
      }
    }
  }

  private static void sleep() throws IOException {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new FileLockInterruptionException();
    }
  }

  private static void close(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException failure) {
      LOG.log(System.Logger.Level.DEBUG, "A lock's file could not be closed", failure);
    }
  }

  /** Gives the lock up; closing it again does nothing. */
  @Override
  public void close() {
    synchronized (HOLDS) {
      if (!open) {
        return;
      }
      open = false;
      Hold hold = HOLDS.get(file);
      if (hold != null && --hold.locks == 0) {
        HOLDS.remove(file);
        close(hold.channel);
        HOLDS.notifyAll();
      }
    }
  }
}
