package dev.vignette.cli.run;

import dev.vignette.captions.run.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The outputs of a command, checked before any work: none is a file that the command reads, by
 * whatever path, symbolic or hard link, no two are one file, and each has a folder to be in.
 */
public final class DistinctOutputs {
  private final Map<String, Path> outputs = new LinkedHashMap<>();

  /**
   * Adds an output.
   *
   * @param option that names it, for the complaint
   * @param file the output; nothing is added where it is null
   * @throws UsageException if it is {@code -} or a folder, is in no folder, or is another output
   *     too
   */
  public DistinctOutputs add(String option, @Nullable Path file) {
    if (file == null) {
      return this;
    }
    if (file.toString().equals("-")) {
      throw new UsageException(
          "%s takes a file, not \"-\": leave out %s to print only. A file of that name is ./-."
              .formatted(option, option));
    }
    if (Files.isDirectory(file)) {
      throw new UsageException(
          "%s takes a file, but %s is a folder. Give a file in it.".formatted(option, file));
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new UsageException(
          "The folder of %s must exist, but there is no folder %s. Create it, or give another %s."
              .formatted(option, folder, option));
    }
    outputs.forEach((otherOption, other) -> {
      if (isSame(file, other)) {
        throw new UsageException(
            "%s and %s would write the same file, %s. Give each a file of its own."
                .formatted(otherOption, option, file));
      }
    });
    outputs.put(option, file);
    return this;
  }

  /**
   * Checks that no output is a file that is read.
   *
   * @param what the input is, for the complaint: the option that names it
   * @param file the input; nothing is checked where it is null
   * @throws UsageException naming output and input
   */
  public DistinctOutputs requireKept(String what, @Nullable Path file) {
    if (file != null) {
      outputs.forEach((option, output) -> {
        if (isSame(output, file)) {
          throw new UsageException(
              "%s would replace %s, which is read (%s). Give another file."
                  .formatted(option, output, what + " " + file));
        }
      });
    }
    return this;
  }

  /** Checks several inputs as {@link #requireKept(String, Path)} does one. */
  public DistinctOutputs requireKept(String what, Collection<Path> files) {
    if (outputs.values().stream().anyMatch(Files::exists)) {
      files.forEach(file -> requireKept(what, file));
    }
    return this;
  }

  /** Checks the files that lie in a folder that is read, but not those in its folders. */
  public DistinctOutputs requireKeptIn(String what, @Nullable Path folder) {
    if (folder != null && Files.isDirectory(folder)) {
      try (var files = Files.list(folder)) {
        requireKept(what, files.filter(Files::isRegularFile).toList());
      } catch (IOException unreadable) {
        return this; // whoever reads the folder says so
      }
    }
    return this;
  }

  /** Whether two paths lead to one file; pipes and devices take any number of writers. */
  private static boolean isSame(Path a, Path b) {
    try {
      if (Files.exists(a) && Files.exists(b)) {
        return Files.isRegularFile(a) && Files.isSameFile(a, b);
      }
      return target(a).equals(target(b));
    } catch (IOException unreadable) {
      return a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize());
    }
  }

  /** Where a file is or would be made, links followed. */
  private static Path target(Path file) throws IOException {
    if (Files.exists(file)) {
      return file.toRealPath();
    }
    Path whole = file.toAbsolutePath();
    if (Files.isSymbolicLink(whole)) {
      return target(whole.resolveSibling(Files.readSymbolicLink(whole)));
    }
    Path folder = whole.getParent();
    return folder == null ? whole : folder.toRealPath().resolve(whole.getFileName());
  }
}
