package dev.vignette.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/** Locks of several files that are written together. */
public final class ProcessLocks implements AutoCloseable {
  private final List<ProcessLock> locks = new ArrayList<>();

  private ProcessLocks() {}

  /**
   * Takes the locks of files, each as {@link ProcessLock#exclusive} does, in one order for all
   * processes, so that none waits for another that waits for it.
   *
   * @throws IOException if a lock's file cannot be made, or the thread is interrupted
   */
  public static ProcessLocks exclusive(Collection<Path> files) throws IOException {
    TreeMap<Path, Path> byLock = new TreeMap<>();
    files.forEach(file -> byLock.put(ProcessLock.fileOf(file), file));
    ProcessLocks taken = new ProcessLocks();
    try {
      for (Path file : byLock.values()) {
        taken.locks.add(ProcessLock.exclusive(file));
      }
      return taken;
    } catch (IOException | RuntimeException | Error failure) {
      taken.close();
      throw failure;
    }
  }

  @Override
  public void close() {
    locks.reversed().forEach(ProcessLock::close);
  }
}
