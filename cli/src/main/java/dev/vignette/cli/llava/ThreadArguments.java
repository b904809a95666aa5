package dev.vignette.cli.llava;

import dev.vignette.captions.run.UsageException;
import dev.vignette.llama.ContextOptions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says how many processor threads compute: a picocli mix-in. */
final class ThreadArguments {
  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description =
          "Processor threads, 1 to "
              + ContextOptions.MAX_THREADS
              + " (default: all processors, fewer for captions by small models).")
  private @Nullable Integer threads;

  /**
   * How many were asked for; empty for the default.
   *
   * @throws UsageException if so many are not possible
   */
  Optional<Integer> wished() {
    if (threads != null && (threads < 1 || threads > ContextOptions.MAX_THREADS)) {
      throw new UsageException(
          "--threads: processor threads are 1 to %d, not %d. Give as many as there are processors, or leave it out."
              .formatted(ContextOptions.MAX_THREADS, threads));
    }
    return Optional.ofNullable(threads);
  }

  /** How many were asked for, else one a processor. */
  int orAllProcessors() {
    return wished()
        .orElseGet(
            () -> Math.min(ContextOptions.MAX_THREADS, Runtime.getRuntime().availableProcessors()));
  }
}
