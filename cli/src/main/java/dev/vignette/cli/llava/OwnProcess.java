package dev.vignette.cli.llava;

import dev.vignette.captions.run.UsageException;
import dev.vignette.llava.LlavaWorkers.BatchPlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How this program was started, so that it can start itself again, to hold a model apart or to try
 * whether there is room for it.
 */
final class OwnProcess {
  /** Set to its number, from 0, for a process that holds a model for another. */
  static final String HOLDS_MODEL = "VIGNETTE_HOLDS_MODEL";

  /** Set to the plan of all for a process that holds a model for another. */
  static final String PLAN = "VIGNETTE_PLAN";

  /** Set to the plan for a process that tries a {@link BatchPlan}. */
  static final String TRIES_PLAN = "VIGNETTE_TRIES_PLAN";

  private static final Path ARGUMENTS = Path.of("/proc/self/cmdline");

  /** Here are files that another process has too, but by other numbers. */
  private static final List<Path> OF_A_PROCESS =
      List.of(Path.of("/dev/stdin"), Path.of("/dev/fd"), Path.of("/proc"));

  private OwnProcess() {}

  /** The number of this process if it holds a model for another. */
  static OptionalInt holdsModel() {
    String number = System.getenv(HOLDS_MODEL);
    return number == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(number));
  }

  /** The plan that such a process has its part in. */
  static BatchPlan heldPlan() {
    return BatchPlan.parse(Objects.requireNonNull(System.getenv(PLAN), PLAN));
  }

  /** What this process is to try, if that is all it is for. */
  static Optional<BatchPlan> triedPlan() {
    return Optional.ofNullable(System.getenv(TRIES_PLAN)).map(BatchPlan::parse);
  }

  /**
   * The program and all arguments that started this process.
   *
   * @param read files among them that it reads, and reads again when it is started again
   * @throws UsageException if the system does not tell, or a file is a pipe
   */
  static List<String> command(List<Path> read) {
    read.forEach(OwnProcess::requireReadAgain);
    ProcessHandle.Info info = ProcessHandle.current().info();
    String program = info.command().orElseThrow(OwnProcess::unknown);
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(
        Files.exists(ARGUMENTS)
            ? argumentsOfProc()
            : List.of(info.arguments().orElseThrow(OwnProcess::unknown)));
    command.stream()
        .filter(word -> word.startsWith("@") && Files.exists(Path.of(word.substring(1))))
        .forEach(word -> requireReadAgain(Path.of(word.substring(1)))); // picocli reads these
    return command;
  }

  /** Refuses what is empty, or another process's, when it is opened a second time. */
  private static void requireReadAgain(Path file) {
    Path whole = file.toAbsolutePath().normalize();
    if (!Files.isRegularFile(file) || OF_A_PROCESS.stream().anyMatch(whole::startsWith)) {
      throw new UsageException(
          "This program is to start itself again, and reads '%s' again then, but a pipe can be read only once. Name a regular file, or leave --isolate out and give --batch-size N."
              .formatted(file));
    }
  }

  /** {@link ProcessHandle} knows only the first 4 KB of them. */
  private static List<String> argumentsOfProc() {
    try {
      String all = Files.readString(ARGUMENTS, StandardCharsets.UTF_8);
      List<String> words = List.of(all.split("\0", -1));
      return words.subList(1, words.size() - 1);
    } catch (IOException failure) {
      throw new UsageException(
          "This program is to start itself again, but how it was started cannot be read (%s). Leave --isolate out, and give --batch-size N."
              .formatted(failure),
          failure);
    }
  }

  private static UsageException unknown() {
    return new UsageException(
        "This program is to start itself again, but the system does not tell how it was started. Leave --isolate out, and give --batch-size N.");
  }
}
