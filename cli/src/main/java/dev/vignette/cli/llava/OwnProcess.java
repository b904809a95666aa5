package dev.vignette.cli.llava;

import dev.vignette.captions.run.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How this program was started, so that it can start itself again to hold a model apart. */
final class OwnProcess {
  /** Set for a process that holds a model for another. */
  static final String HOLDS_MODEL = "VIGNETTE_HOLDS_MODEL";

  private static final Path ARGUMENTS = Path.of("/proc/self/cmdline");

  private OwnProcess() {}

  /** Whether this process holds a model for another. */
  static boolean holdsModel() {
    return "1".equals(System.getenv(HOLDS_MODEL));
  }

  /**
   * The program and all arguments that started this process.
   *
   * @throws UsageException if the system does not tell
   */
  static List<String> command() {
    ProcessHandle.Info info = ProcessHandle.current().info();
    String program = info.command().orElseThrow(OwnProcess::unknown);
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(
        Files.exists(ARGUMENTS)
            ? argumentsOfProc()
            : List.of(info.arguments().orElseThrow(OwnProcess::unknown)));
    return command;
  }

  /** {@link ProcessHandle} knows only the first 4 KB of them. */
  private static List<String> argumentsOfProc() {
    try {
      String all = Files.readString(ARGUMENTS, StandardCharsets.UTF_8);
      List<String> words = List.of(all.split("\0", -1));
      return words.subList(1, words.size() - 1);
    } catch (IOException failure) {
      throw new UsageException(
          "--isolate starts this program again, but how it was started cannot be read (%s). Leave --isolate out."
              .formatted(failure),
          failure);
    }
  }

  private static UsageException unknown() {
    return new UsageException(
        "--isolate starts this program again, but the system does not tell how it was started. Leave --isolate out.");
  }
}
