package dev.vignette.llama.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The environment variables of this process as native code sees them. Set before the libraries are
 * loaded, which read them then; what the user has set stays.
 */
final class NativeEnvironment {

  /** Rounds of waiting, some 50 µs, after which an OpenMP thread sleeps until the others come. */
  private static final String BRIEF_SPIN = "1000";

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
    Linker linker = Linker.nativeLinker();
    MemorySegment setenv = linker.defaultLookup().find("setenv").orElse(MemorySegment.NULL);
    if (setenv.equals(MemorySegment.NULL)) {
      return;
    }
    MethodHandle call =
        linker.downcallHandle(
            setenv,
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int _ = (int) call.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 0);
    } catch (Throwable e) {
      throw new IllegalStateException("setenv could not be called", e);
    }
  }
}
