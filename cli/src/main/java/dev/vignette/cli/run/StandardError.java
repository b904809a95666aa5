package dev.vignette.cli.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether somebody watches the standard error. */
public final class StandardError {
  private static final String PROPERTY = "vignette.terminal";

  private StandardError() {}

  /**
   * Whether it is a terminal that can draw over a line: as the system property {@code
   * vignette.terminal} says (true or false; a launcher knows by {@code test -t 2}), else as the
   * device behind file descriptor 2 does where there is {@code /proc}, else not.
   */
  public static boolean isTerminal() {
    String said = System.getProperty(PROPERTY);
    if (said != null) {
      return Boolean.parseBoolean(said);
    }
    if ("dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    try {
      String device = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
    } catch (IOException | RuntimeException _) {
      return false;
    }
  }
}
