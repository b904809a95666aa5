package dev.vignette.hub;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * A lock by flock(2), the one that Python's filelock takes; Java's own FileLock is fcntl's, which
 * flock does not see. It belongs to its opening of the file, so that two threads of one process
 * exclude each other too, and it goes with the process. The file stays, as filelock leaves it.
 */
final class ProcessFlock implements AutoCloseable {
  private static final boolean LINUX =
      System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");
  private static final int READ_WRITE = 2;
  private static final int CREATE = LINUX ? 0x40 : 0x200;
  private static final int CLOSE_ON_EXEC = LINUX ? 0x80000 : 0x1000000;
  private static final int GROUP_WRITABLE = 0664;
  private static final int EXCLUSIVE_NOW = 2 | 4;
  private static final int INTERRUPTED = 4;
  private static final int NO_PERMISSION = 13;
  private static final int WOULD_BLOCK = LINUX ? 11 : 35;
  private static final String ERRNO = "errno";
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERROR_NUMBER =
      STATE.varHandle(MemoryLayout.PathElement.groupElement(ERRNO));

  private final int descriptor;
  private boolean open = true;

  private ProcessFlock(int descriptor) {
    this.descriptor = descriptor;
  }

  /** The C functions; looked up when a lock is first taken. */
  private static final class C {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle OPEN =
        function(
            "open",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
            Linker.Option.firstVariadicArg(2),
            Linker.Option.captureCallState(ERRNO));
    private static final MethodHandle FLOCK =
        function(
            "flock",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT),
            Linker.Option.captureCallState(ERRNO));
    private static final MethodHandle CLOSE =
        function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private static MethodHandle function(
        String name, FunctionDescriptor form, Linker.Option... options) {
      return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), form, options);
    }
  }

  /**
   * Takes the lock if nobody holds it.
   *
   * @throws IOException if the file cannot be made, or its file system has no locks
   */
  static Optional<ProcessFlock> tryLock(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int descriptor =
          (int)
              C.OPEN.invokeExact(
                  state,
                  arena.allocateFrom(file.toString()),
                  READ_WRITE | CREATE | CLOSE_ON_EXEC,
                  GROUP_WRITABLE);
      if (descriptor < 0 && (int) ERROR_NUMBER.get(state, 0L) == NO_PERMISSION) {
        throw new AccessDeniedException(file.toString());
      }
      if (descriptor < 0) {
        throw failure(file, "cannot be opened", state);
      }
      int result;
      do {
        result = (int) C.FLOCK.invokeExact(state, descriptor, EXCLUSIVE_NOW);
      } while (result != 0 && (int) ERROR_NUMBER.get(state, 0L) == INTERRUPTED);
      if (result == 0) {
        return Optional.of(new ProcessFlock(descriptor));
      }
      closeDescriptor(descriptor);
      if ((int) ERROR_NUMBER.get(state, 0L) == WOULD_BLOCK) {
        return Optional.empty();
      }
      throw failure(file, "cannot be locked; keep the cache (HF_HUB_CACHE) on a local disk", state);
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static FileSystemException failure(Path file, String problem, MemorySegment state) {
    return new FileSystemException(
        file.toString(), null, problem + " (errno " + (int) ERROR_NUMBER.get(state, 0L) + ")");
  }

  private static void closeDescriptor(int descriptor) {
    try {
      int ignored = (int) C.CLOSE.invokeExact(descriptor);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Gives the lock back. */
  @Override
  public void close() {
    if (open) {
      open = false;
      closeDescriptor(descriptor);
    }
  }
}
