package dev.vignette.llama.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a processor can do under the operating system of the moment: the flags of {@code
 * /proc/cpuinfo}, which the kernel leaves out where it does not keep the registers of an
 * instruction set.
 *
 * @param flags in the kernel's names, such as avx2; empty when the system does not tell
 */
record Processor(Set<String> flags) {

  /** Those of a processor's flags that are instruction sets llama.cpp has kernels for. */
  private static final Pattern INSTRUCTION_SET =
      Pattern.compile("sse4_2|avx.*|fma|f16c|bmi2|amx_.*|asimd.*|sve.*|i8mm|bf16");

  Processor {
    flags = Set.copyOf(flags);
  }

  /** Reads the first processor of a file like {@code /proc/cpuinfo}. */
  static Processor read(Path cpuInfo) {
    try (Stream<String> lines = Files.lines(cpuInfo)) {
      return of(lines);
    } catch (IOException e) {
      return new Processor(Set.of());
    }
  }

  /** The first processor that the lines describe. */
  static Processor of(Stream<String> lines) {
    return new Processor(
        lines
            .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
            .findFirst()
            .map(line -> words(line.substring(line.indexOf(':') + 1)))
            .orElse(Set.of()));
  }

  private static Set<String> words(String text) {
    return new TreeSet<>(Arrays.asList(text.strip().split("\\s+")));
  }

  /** Whether the system told what the processor can do. */
  boolean isKnown() {
    return !flags.isEmpty();
  }

  /** The instruction sets that llama.cpp has kernels for, sorted. */
  List<String> instructionSets() {
    return flags.stream().filter(flag -> INSTRUCTION_SET.matcher(flag).matches()).sorted().toList();
  }

  /** Those of {@code wanted} that this processor has not, sorted. */
  Set<String> missing(Collection<String> wanted) {
    Set<String> missing = new TreeSet<>(wanted);
    missing.removeAll(flags);
    return missing;
  }
}
