package dev.vignette.llama.internal;

import dev.vignette.llama.NativeLoadException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A folder that native/build.sh filled: libmtmd and what it needs, and {@code build.properties}
 * that says what they are.
 *
 * @param folder the folder
 * @param flavor {@code cpu} or {@code cuda}
 * @param version the version of llama.cpp, such as {@code 0.5.0}
 * @param cpuFeatures instruction sets it was compiled for, in the kernel's names
 * @param remark what its build had to say of itself; empty for nothing
 */
record NativeBuild(
    Path folder, String flavor, String version, List<String> cpuFeatures, String remark) {

  static final String DESCRIPTION = "build.properties";

  /** Those of a processor's flags that are instruction sets llama.cpp has kernels for. */
  private static final Pattern INSTRUCTION_SET =
      Pattern.compile("sse4_2|avx.*|fma|f16c|bmi2|amx_.*|asimd.*|sve.*|i8mm|bf16");

  static boolean isAt(Path folder) {
    return Files.isRegularFile(folder.resolve(DESCRIPTION));
  }

  static NativeBuild read(Path folder) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(folder.resolve(DESCRIPTION))) {
      properties.load(reader);
    } catch (IOException e) {
      throw new NativeLoadException(
          "'%s' is not a native build of Vignette: its %s cannot be read (%s); build it with mvn package"
              .formatted(folder, DESCRIPTION, e),
          e);
    }
    return new NativeBuild(
        folder,
        properties.getProperty("flavor", "cpu"),
        properties.getProperty("version", "unknown"),
        words(properties.getProperty("cpu.features", "")),
        properties.getProperty("remark", ""));
  }

  Path library() {
    return folder.resolve(System.mapLibraryName("mtmd"));
  }

  /** Refuses a build that would end the process with an illegal instruction on this machine. */
  void checkProcessor(Path cpuInfo) {
    if (!Files.isReadable(cpuInfo)) {
      return;
    }
    Set<String> missing = new TreeSet<>(cpuFeatures);
    missing.removeAll(processorFeatures(cpuInfo));
    if (!missing.isEmpty()) {
      throw new NativeLoadException(
          "the native build in '%s' was compiled for a processor with %s, which this one lacks; build it here with mvn package"
              .formatted(folder, String.join(", ", missing)));
    }
  }

  /** The instruction sets of this processor, sorted; empty when the system does not tell. */
  static List<String> instructionSets(Path cpuInfo) {
    return processorFeatures(cpuInfo).stream()
        .filter(flag -> INSTRUCTION_SET.matcher(flag).matches())
        .sorted()
        .toList();
  }

  private static Set<String> processorFeatures(Path cpuInfo) {
    try (var lines = Files.lines(cpuInfo)) {
      return lines
          .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
          .findFirst()
          .map(line -> Set.copyOf(new TreeSet<>(words(line.substring(line.indexOf(':') + 1)))))
          .orElse(Set.of());
    } catch (IOException e) {
      return Set.of();
    }
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.strip().split("\\s+")).filter(word -> !word.isEmpty()).toList();
  }
}
