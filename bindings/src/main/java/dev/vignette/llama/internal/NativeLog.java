package dev.vignette.llama.internal;

import dev.vignette.llama.internal.ffi.LlamaCpp;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Collectors;

/**
 * llama.cpp's log lines: routed to the {@link System.Logger} {@code dev.vignette.llama} from a
 * chosen level up, and the last warnings and errors kept, so that an exception can say what the
 * native side said.
 *
 * <p>Lines below the level are dropped before their text is read, and no logging framework starts
 * for them.
 */
public final class NativeLog {

  private static final int KEPT = 8;
  private static final Deque<String> recent = new ArrayDeque<>();
  private static volatile Level threshold = Level.ERROR;
  private static int lastLevel = LlamaCpp.GGML_LOG_LEVEL_INFO();

  private NativeLog() {}

  /**
   * Lines of this level and above go to the logger; {@link Level#OFF} for none. Returns what it was
   * before.
   */
  public static synchronized Level setThreshold(Level level) {
    Level before = threshold;
    threshold = level;
    return before;
  }

  static boolean wants(int ggmlLevel) {
    return ggmlLevel == LlamaCpp.GGML_LOG_LEVEL_CONT()
        || ggmlLevel >= LlamaCpp.GGML_LOG_LEVEL_WARN()
        || toLevel(ggmlLevel).getSeverity() >= threshold.getSeverity();
  }

  static synchronized void accept(int ggmlLevel, String text) {
    int level = ggmlLevel == LlamaCpp.GGML_LOG_LEVEL_CONT() ? lastLevel : ggmlLevel;
    lastLevel = level;
    String line = text.strip();
    if (line.isEmpty() || line.chars().allMatch(c -> c == '.')) {
      return;
    }
    if (level >= LlamaCpp.GGML_LOG_LEVEL_WARN()) {
      keep(line);
    }
    if (toLevel(level).getSeverity() >= threshold.getSeverity()) {
      Holder.LOGGER.log(toLevel(level), line);
    }
  }

  private static void keep(String line) {
    if (recent.size() == KEPT) {
      recent.removeFirst();
    }
    recent.addLast(line);
  }

  /** Forgets what was kept: called before a call whose failure {@link #recent} shall explain. */
  public static synchronized void forget() {
    recent.clear();
  }

  /**
   * The last warnings and errors, as one sentence to put into a message; says so when there were
   * none.
   */
  public static synchronized String recent() {
    return recent.isEmpty()
        ? "llama.cpp logged nothing about it"
        : recent.stream().collect(Collectors.joining(" | ", "llama.cpp said: ", ""));
  }

  private static Level toLevel(int ggmlLevel) {
    if (ggmlLevel == LlamaCpp.GGML_LOG_LEVEL_ERROR()) {
      return Level.ERROR;
    }
    if (ggmlLevel == LlamaCpp.GGML_LOG_LEVEL_WARN()) {
      return Level.WARNING;
    }
    return ggmlLevel == LlamaCpp.GGML_LOG_LEVEL_INFO() ? Level.INFO : Level.DEBUG;
  }

  private static final class Holder {
    static final Logger LOGGER = System.getLogger("dev.vignette.llama");
  }
}
