package dev.vignette.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** What the processor can do, as Linux lists it; nothing on other systems. */
final class CpuFlags {
  private static final Path FILE = Path.of("/proc/cpuinfo");

  private CpuFlags() {}

  static Set<String> read() {
    try {
      return Files.isReadable(FILE) ? parse(Files.readAllLines(FILE)) : Set.of();
    } catch (IOException e) {
      return Set.of();
    }
  }

  /** The flags of the first processor: {@code flags} on x86, {@code Features} on Arm. */
  static Set<String> parse(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
        .findFirst()
        .map(line -> Set.of(line.substring(line.indexOf(':') + 1).strip().split("\\s+")))
        .orElse(Set.of());
  }
}
