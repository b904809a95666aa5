package dev.vignette.llama;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Memory of the machine that this process may still take, as Linux tells it.
 *
 * @param root where {@code proc} and {@code sys} are
 */
public record HostMemory(Path root) {

  /** Of this machine. */
  public static HostMemory ofThisMachine() {
    return new HostMemory(Path.of("/"));
  }

  /**
   * Bytes that are free or can be freed, within the limit of the control group; empty where the
   * system does not tell.
   */
  public OptionalLong availableBytes() {
    OptionalLong machine = kilobytes(root.resolve("proc/meminfo"), "MemAvailable:");
    OptionalLong limit = number(root.resolve("sys/fs/cgroup/memory.max"));
    OptionalLong used = number(root.resolve("sys/fs/cgroup/memory.current"));
    if (limit.isEmpty() || used.isEmpty()) {
      return machine;
    }
    long cached = line(root.resolve("sys/fs/cgroup/memory.stat"), "inactive_file").orElse(0);
    long left = Math.max(0, limit.getAsLong() - used.getAsLong() + cached);
    return OptionalLong.of(Math.min(left, machine.orElse(Long.MAX_VALUE)));
  }

  private static OptionalLong kilobytes(Path file, String name) {
    OptionalLong found = line(file, name);
    return found.isEmpty() ? found : OptionalLong.of(found.getAsLong() << 10);
  }

  /** The number that follows a name at the start of a line. */
  private static OptionalLong line(Path file, String name) {
    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      return lines
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst();
    } catch (IOException | RuntimeException _) {
      return OptionalLong.empty();
    }
  }

  /** What a file of one number says; {@code max} is none. */
  private static OptionalLong number(Path file) {
    try {
      return OptionalLong.of(Long.parseLong(Files.readString(file).strip()));
    } catch (IOException | NumberFormatException _) {
      return OptionalLong.empty();
    }
  }
}
