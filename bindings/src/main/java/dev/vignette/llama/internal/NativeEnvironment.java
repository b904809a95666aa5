package dev.vignette.llama.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * What native code finds in this process: environment variables, set before the libraries are
 * loaded, which read them then, unless the user has set them; and how its heap behaves.
 */
final class NativeEnvironment {

  /** Rounds of waiting, some 50 µs, after which an OpenMP thread sleeps until the others come. */
  private static final String BRIEF_SPIN = "1000";

  // Of malloc.h.
  private static final int M_TRIM_THRESHOLD = -1;
  private static final int M_MMAP_MAX = -4;

  private NativeEnvironment() {}

  /**
   * Keeps ggml from starting a debugger on this process when it aborts; the abort hook says what is
   * known.
   */
  static void forbidDebugger() {
    setUnlessSet("GGML_NO_BACKTRACE", "1");
  }

  /**
   * Lets threads that wait at a barrier sleep soon. GCC's OpenMP lets them spin for 300,000 rounds,
   * more than a time slice: where another process holds a processor, its thread waits for the very
   * processor that the spinning one burns (docs/benchmarks.md, "On a busy machine").
   */
  static void waitAsleep() {
    if (System.getenv("OMP_WAIT_POLICY") == null) {
      setUnlessSet("GOMP_SPINCOUNT", BRIEF_SPIN);
    }
  }

  @SuppressWarnings("restricted")
  private static void setUnlessSet(String name, String value) {
    if (System.getenv(name) != null) {
      return;
    }
    MethodHandle setenv =
        libraryFunction("setenv", ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
    if (setenv == null) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      int _ = (int) setenv.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 0);
    } catch (Throwable e) {
      throw new IllegalStateException("setenv could not be called", e);
    }
  }

  /**
   * Keeps large blocks that native code gives back in the process, for the next of their size.
   * llama.cpp copies the rows of many images (33 MB a micro-batch of 2048) into blocks that are new
   * each time, and zeroing their pages took 6% of an H200's time (docs/benchmarks.md).
   *
   * @return whether this process's heap can be told so: glibc's can
   */
  static boolean keepLargeBlocks() {
    MethodHandle mallopt = libraryFunction("mallopt", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    if (mallopt == null) {
      return false;
    }
    try {
      return (int) mallopt.invokeExact(M_MMAP_MAX, 0) == 1
          && (int) mallopt.invokeExact(M_TRIM_THRESHOLD, Integer.MAX_VALUE) == 1;
    } catch (Throwable e) {
      throw new IllegalStateException("mallopt could not be called", e);
    }
  }

  /** A function of the C library that returns an int, or null where there is none of that name. */
  @SuppressWarnings("restricted")
  private static @Nullable MethodHandle libraryFunction(String name, MemoryLayout... arguments) {
    Linker linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find(name)
        .map(function ->
            linker.downcallHandle(function, FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments)))
        .orElse(null);
  }
}
