package dev.vignette.cli.llava;

import dev.vignette.files.AtomicFile;
import dev.vignette.llava.BatchPlan;
import dev.vignette.llava.BatchSizing.Room;
import dev.vignette.llava.CaptionSetting;
import dev.vignette.llava.LlavaOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * Tries a plan in a process of its own, which opens the model and warms up the largest batches. A
 * plan that fitted is remembered, with the memory that was free then, in the user's folder for
 * caches: the next run of the kind starts at once where as much is free.
 */
final class ProcessTrial implements BatchTrial {

  /** With this code or one of a signal, from 128 on, ends a process for which there is no room. */
  private static final int NATIVE_FAILURE = 70;

  private static final int SIGNALS = 128;

  /** Of the memory that was free, what suffices the next time. */
  private static final double AS_GOOD = 0.98;

  private final List<String> command;
  private final String kind;
  private final Path folder;
  private String lastWords = "";

  /**
   * @param command starts this program with its arguments
   * @param options say what is opened; with {@code settings} they say what a plan takes
   */
  ProcessTrial(List<String> command, LlavaOptions options, String settings, Path caches) {
    this.command = command;
    this.kind =
        String.join(
            "\n",
            stamp(options.model()),
            stamp(options.projector()),
            options.load().toString(),
            options.layout().toString(),
            settings);
    this.folder = caches.resolve("vignette/batches");
  }

  /** Of this program, as it was started. */
  static ProcessTrial of(LlavaOptions options, String devices, List<CaptionSetting> settings) {
    String configured = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
    Path caches =
        configured.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(configured);
    return new ProcessTrial(OwnProcess.command(), options, devices + "\n" + settings, caches);
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
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put(OwnProcess.TRIES_PLAN, plan.toString());
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      lastWords = said.substring(said.lastIndexOf('\n') + 1);
      return process.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("a trial of the batch size cannot be started: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the trial of the batch size was interrupted", e);
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
      AtomicFile.writeStringUnforced(memo, (long) (AS_GOOD * room.freeBytes()) + "\n");
    } catch (IOException | UncheckedIOException _) {
      return; // Nothing is lost.
    }
  }
}
