package dev.vignette.llama.internal;

import dev.vignette.llama.internal.ffi.LlamaCpp;
import dev.vignette.llama.internal.ffi.ggml_abort_callback_t;
import dev.vignette.llama.internal.ffi.ggml_log_callback;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The process-wide callbacks: llama.cpp's log lines and its abort hook. They live as long as the
 * process, and nothing thrown in Java crosses back into native code.
 */
final class NativeCallbacks {

  /** The exit code of a process that native code ends. */
  static final int NATIVE_FAILURE = 70;

  private NativeCallbacks() {}

  static void install() {
    Arena forever = Arena.global();
    MemorySegment log = ggml_log_callback.allocate(NativeCallbacks::onLog, forever);
    LlamaCpp.llama_log_set(log, MemorySegment.NULL);
    LlamaCpp.mtmd_helper_log_set(log, MemorySegment.NULL);
    LlamaCpp.ggml_set_abort_callback(
        ggml_abort_callback_t.allocate(NativeCallbacks::onAbort, forever));
  }

  private static void onLog(int level, MemorySegment text, MemorySegment userData) {
    try {
      if (NativeLog.wants(level)) {
        NativeLog.accept(level, CString.read(text));
      }
    } catch (Throwable e) {
      // A log line is not worth the process: an exception that leaves an upcall ends the virtual
      // machine.
      return;
    }
  }

  /**
   * llama.cpp is about to abort the process: say where Java was, and leave with a code of our own.
   */
  private static void onAbort(MemorySegment message) {
    try {
      System.err.println("vignette: native failure: " + CString.read(message).strip());
      System.err.println(
          "This is a defect of Vignette or llama.cpp; please report it with the lines below.");
      Thread.getAllStackTraces().forEach(NativeCallbacks::printIfOurs);
      System.err.flush();
    } finally {
      Runtime.getRuntime().halt(NATIVE_FAILURE);
    }
  }

  private static void printIfOurs(Thread thread, StackTraceElement[] stack) {
    for (StackTraceElement element : stack) {
      if (element.getClassName().startsWith("dev.vignette.")) {
        System.err.println("Thread " + thread.getName());
        printStack(stack);
        return;
      }
    }
  }

  private static void printStack(StackTraceElement[] stack) {
    for (StackTraceElement element : stack) {
      System.err.println("    at " + element);
    }
  }
}
