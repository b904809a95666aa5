package dev.vignette.cli.llava;

import dev.vignette.cli.llava.BatchChoice.BatchTrial;
import dev.vignette.files.AtomicFile;
import dev.vignette.llama.LlamaRuntime;
import dev.vignette.llava.BatchSizing.Room;
import dev.vignette.llava.CaptionSetting;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.llava.LlavaWorkers.BatchPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tries a plan in a process of its own, which opens the model and warms up the largest batches. A
 * plan that fitted is remembered, with the memory that was free then, in the user's folder for
 * caches: the next run of the kind starts at once where as much is free.
 */
final class ProcessTrial implements BatchTrial {

  /** With this code or one of a signal, from 128 on, ends a process for which there is no room. */
  private static final int NATIVE_FAILURE = 70;

  private static final int SIGNALS = 128;

  /** What counts as a signal's: the process did not end by itself. */
  private static final int ENDED_BY_FORCE = SIGNALS + 9;

  /** A process that is killed is gone after this, or never. */
  private static final long PATIENCE_SECONDS = 10;

  private final List<String> command;
  private final String kind;
  private final Path folder;
  private Duration limit = Duration.ofMinutes(15);
  private String lastWords = "";

  /**
   * @param command starts this program with its arguments
   * @param options say what is opened; with {@code settings} they say what a plan takes
   * @param natives the folder of the native libraries
   * @param folder where plans that fitted are remembered
   */
  ProcessTrial(
      List<String> command, LlavaOptions options, String settings, Path natives, Path folder) {
    this.command = command;
    this.kind =
        String.join(
            "\n",
            LlamaRuntime.pinnedVersion(),
            stamps(natives),
            stamp(options.model()),
            stamp(options.projector()),
            options.toString(),
            settings);
    this.folder = folder;
  }

  /**
   * Of this program, as it was started.
   *
   * @param read files of the command line that it reads again
   */
  static ProcessTrial of(
      LlavaOptions options, String devices, List<CaptionSetting> settings, List<Path> read) {
    return new ProcessTrial(
        OwnProcess.command(read),
        options,
        devices + "\n" + settings,
        LlamaRuntime.load(options.load().device()).folder(),
        folder(System.getenv(), Path.of(System.getProperty("user.home"))));
  }

  /**
   * Where plans are remembered: {@code batches} in {@code $VIGNETTE_CACHE}, {@code
   * $XDG_CACHE_HOME/vignette} or {@code ~/.cache/vignette}, the first that is set.
   *
   * @param environment the process's variables
   * @param home the user's folder
   */
  static Path folder(Map<String, String> environment, Path home) {
    String own = environment.getOrDefault("VIGNETTE_CACHE", "");
    if (!own.isBlank()) {
      return Path.of(own, "batches").toAbsolutePath();
    }
    String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path all = caches.startsWith("/") ? Path.of(caches) : home.resolve(".cache");
    return all.resolve("vignette/batches");
  }

  /** The same with another limit for one trial; one that does not end within it counts as a no. */
  ProcessTrial within(Duration longest) {
    limit = longest;
    return this;
  }

  private static String stamps(Path natives) {
    try (Stream<Path> files = Files.list(natives)) {
      return files
          .filter(Files::isRegularFile)
          .sorted()
          .map(ProcessTrial::stamp)
          .collect(Collectors.joining("\n"));
    } catch (IOException e) {
      throw new UncheckedIOException("'%s' cannot be read: %s".formatted(natives, e), e);
    }
  }

  private static String stamp(Path file) {
    try {
      return "%s %d %s"
          .formatted(
              file.toAbsolutePath(), Files.size(file), Files.getLastModifiedTime(file).toInstant());
    } catch (IOException e) {
      throw new UncheckedIOException("'%s' cannot be read: %s".formatted(file, e), e);
    }
  }

  @Override
  public boolean succeeds(BatchPlan plan, Room room) {
    Path memo = memo(plan, room);
    if (freeWhenItFitted(memo) <= room.freeBytes()) {
      return true;
    }
    int code = run(plan);
    if (code == 0) {
      remember(memo, room);
    }
    return code != NATIVE_FAILURE && code < SIGNALS;
  }

  @Override
  public String lastWords() {
    return lastWords;
  }

  private int run(BatchPlan plan) {
    try {
      Path said = Files.createTempFile("vignette-trial", ".txt");
      try {
        return run(plan, said);
      } finally {
        Files.deleteIfExists(said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a trial of the batch size cannot be started: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the trial of the batch size was interrupted", e);
    }
  }

  /** Leaves no process behind, however this one ends. */
  private int run(BatchPlan plan, Path said) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
    builder.environment().put(OwnProcess.TRIES_PLAN, plan.toString());
    Process process = builder.start();
    Thread killer = new Thread(process::destroyForcibly, "vignette-trial");
    try {
      Runtime.getRuntime().addShutdownHook(killer);
      process.getOutputStream().close();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        lastWords = "a trial did not end within %d minutes".formatted(limit.toMinutes());
        process.destroyForcibly().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return ENDED_BY_FORCE;
      }
      String all = new String(Files.readAllBytes(said), StandardCharsets.UTF_8).strip();
      lastWords = all.substring(all.lastIndexOf('\n') + 1);
      return process.exitValue();
    } finally {
      process.destroyForcibly();
      forget(killer);
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      return; // This process ends, and the hook has its use.
    }
  }

  private Path memo(BatchPlan plan, Room room) {
    String name = kind + "\n" + room.name() + "\n" + plan;
    return folder.resolve(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)) + ".txt");
  }

  private static long freeWhenItFitted(Path memo) {
    try {
      return Long.parseLong(Files.readString(memo).strip());
    } catch (IOException | NumberFormatException _) {
      return Long.MAX_VALUE;
    }
  }

  /** A folder that cannot be written costs another trial, no more. */
  private void remember(Path memo, Room room) {
    try {
      Files.createDirectories(folder);
      String writer = Long.toString(ProcessHandle.current().pid());
      AtomicFile.writeStringUnforced(memo, room.freeBytes() + "\n", writer);
    } catch (IOException | UncheckedIOException _) {
      return; // Nothing is lost.
    }
  }
}
