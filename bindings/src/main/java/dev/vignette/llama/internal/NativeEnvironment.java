package dev.vignette.llama.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The environment variables of this process as native code sees them. */
final class NativeEnvironment {

  private static final String NO_BACKTRACE = "GGML_NO_BACKTRACE";

  private NativeEnvironment() {}

  /**
   * Keeps ggml from starting a debugger on this process when it aborts; the abort hook says what is
   * known.
   */
  @SuppressWarnings("restricted")
  static void forbidDebugger() {
    if (System.getenv(NO_BACKTRACE) != null) {
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
      int _ = (int) call.invokeExact(arena.allocateFrom(NO_BACKTRACE), arena.allocateFrom("1"), 0);
    } catch (Throwable e) {
      throw new IllegalStateException("setenv could not be called", e);
    }
  }
}
