package dev.vignette.llama.internal;

import dev.vignette.llama.internal.ffi.LlamaCpp;
import dev.vignette.llama.internal.ffi.ggml_abort_callback_t;
import dev.vignette.llama.internal.ffi.ggml_log_callback;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The process-wide callbacks: llama.cpp's log lines and its abort hook. They live as long as the
 * process, and nothing thrown in Java crosses back into native code.
 */
final class NativeCallbacks {

  /** The exit code of a process that native code ends. */
  static final int NATIVE_FAILURE = 70;

  private static final List<String> NO_MEMORY =
      List.of("mem_buffer != NULL", "buffer != NULL", "failed to allocate", "out of memory");

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
        NativeLog.accept(level, NativeHandle.text(text));
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
      String said = NativeHandle.text(message).strip();
      if (saysNoMemory(said)) {
        System.err.println(noMemory(said));
      } else {
        System.err.println("vignette: native failure: " + said);
        System.err.println(
            "This is a defect of Vignette or llama.cpp; please report it with the lines below.");
        Thread.getAllStackTraces().forEach(NativeCallbacks::printIfOurs);
      }
      System.err.flush();
    } finally {
      Runtime.getRuntime().halt(NATIVE_FAILURE);
    }
  }

  /** Whether ggml aborts for want of memory; it asserts that each buffer it asks for is there. */
  static boolean saysNoMemory(String said) {
    return NO_MEMORY.stream().anyMatch(said::contains);
  }

  private static String noMemory(String said) {
    return "vignette: there is no memory for llama.cpp (%s). This process has %s of address space and %s in memory, and its limit in bytes is %s: raise the limit (ulimit -v), free memory, or use a smaller model or --context."
        .formatted(
            said,
            line("/proc/self/status", "VmSize:"),
            line("/proc/self/status", "VmRSS:"),
            line("/proc/self/limits", "Max address space"));
  }

  /** What a line of the kernel's says after its name. */
  private static String line(String file, String name) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(name.length()).strip().replaceAll("\\s{2,}.*", ""))
          .findFirst()
          .orElse("an unknown amount");
    } catch (IOException | RuntimeException e) {
      return "an unknown amount";
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
