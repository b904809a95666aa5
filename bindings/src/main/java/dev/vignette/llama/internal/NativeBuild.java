package dev.vignette.llama.internal;

import dev.vignette.llama.NativeLoadException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder that native/build.sh filled: libmtmd and what it needs, and {@code build.properties}
 * that says what they are.
 *
 * @param folder the folder
 * @param flavor {@code cpu} or {@code cuda}
 * @param version the version of llama.cpp, such as {@code 0.5.0}
 * @param libraryName the file that is loaded, and brings the others
 * @param cpuFeatures instruction sets it was compiled for, in the kernel's names; none in a
 *     portable build
 * @param variants of a portable build, one of which computes; empty for a build for one processor
 * @param remark what its build had to say of itself; empty for nothing
 * @param jar from which its files are unpacked before they are used; null for a folder as it is
 */
record NativeBuild(
    Path folder,
    String flavor,
    String version,
    String libraryName,
    List<String> cpuFeatures,
    List<CpuVariant> variants,
    String remark,
    @Nullable NativeJar jar) {

  static final String DESCRIPTION = "build.properties";

  static boolean isAt(Path folder) {
    return Files.isRegularFile(folder.resolve(DESCRIPTION));
  }

  static NativeBuild read(Path folder) {
    try (Reader reader = Files.newBufferedReader(folder.resolve(DESCRIPTION))) {
      return read(folder, reader);
    } catch (IOException e) {
      throw new NativeLoadException(
          "'%s' is not a native build of Vignette: its %s cannot be read (%s); build it with mvn package"
              .formatted(folder, DESCRIPTION, e),
          e);
    }
  }

  /** The build in {@code folder} that a {@value #DESCRIPTION} describes. */
  static NativeBuild read(Path folder, Reader description) throws IOException {
    Properties properties = new Properties();
    properties.load(description);
    return new NativeBuild(
        folder,
        properties.getProperty("flavor", "cpu"),
        properties.getProperty("version", "unknown"),
        properties.getProperty("library", System.mapLibraryName("mtmd")),
        words(properties.getProperty("cpu.features", "")),
        words(properties.getProperty("variants", "")).stream()
            .map(name -> new CpuVariant(name, words(properties.getProperty("variant." + name, ""))))
            .toList(),
        properties.getProperty("remark", ""),
        null);
  }

  /** The same build, in a jar. */
  NativeBuild in(NativeJar jar) {
    return new NativeBuild(
        folder, flavor, version, libraryName, cpuFeatures, variants, remark, jar);
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.strip().split("\\s+")).filter(word -> !word.isEmpty()).toList();
  }

  Path library() {
    return folder.resolve(libraryName);
  }

  /** Whether it is for any processor, and loads the backends that compute by itself. */
  boolean isPortable() {
    return !variants.isEmpty();
  }

  /**
   * Sees to it that the files are there that are loaded for a variant.
   *
   * @param variant of a portable build; null for all of a build for one processor
   * @param cuda whether CUDA is loaded too
   */
  void unpack(@Nullable CpuVariant variant, boolean cuda) {
    if (jar != null) {
      jar.unpack(
          jar.names().stream()
              .filter(name -> name.startsWith("lib") && name.contains(".so"))
              .filter(name -> cuda || !isPortable() || !name.equals(PortableBackends.CUDA))
              .filter(name ->
                  variant == null
                      || !name.startsWith("libggml-cpu-")
                      || name.equals(variant.fileName()))
              .toList());
    }
  }

  /** Refuses a build that would end the process with an illegal instruction on this machine. */
  void checkProcessor(Processor processor) {
    Set<String> missing = processor.missing(cpuFeatures);
    if (processor.isKnown() && !missing.isEmpty()) {
      throw new NativeLoadException(
          "the native build in '%s' was compiled for a processor with %s, which this one lacks; build it here with mvn package"
              .formatted(folder, String.join(", ", missing)));
    }
  }

  /**
   * One of the kinds of processor that a portable build has kernels for, in a file of its own.
   *
   * <p>llama.cpp chooses among them by asking the processor, and not whether the operating system
   * keeps the registers; this chooses by what the system shows.
   *
   * @param name llama.cpp's, such as {@code haswell}; {@code x64} runs on all
   * @param instructionSets those its file was compiled for, in the kernel's names
   */
  record CpuVariant(String name, List<String> instructionSets) {

    /** The environment variable that names the variant to take. */
    static final String FORCED = "VIGNETTE_CPU_VARIANT";

    /**
     * What an instruction set counts in the choice: ggml_backend_cpu_x86_score of llama.cpp v0.5.0
     * (ggml/src/ggml-cpu/arch/x86/cpu-feats.cpp).
     */
    private static final Map<String, Integer> WORTH =
        Map.ofEntries(
            Map.entry("fma", 1),
            Map.entry("f16c", 1 << 1),
            Map.entry("sse4_2", 1 << 2),
            Map.entry("bmi2", 1 << 3),
            Map.entry("avx", 1 << 4),
            Map.entry("avx2", 1 << 5),
            Map.entry("avx_vnni", 1 << 6),
            Map.entry("avx512f", 1 << 7),
            Map.entry("avx512vbmi", 1 << 8),
            Map.entry("avx512_bf16", 1 << 9),
            Map.entry("avx512_vnni", 1 << 10),
            Map.entry("amx_int8", 1 << 11));

    CpuVariant {
      instructionSets = List.copyOf(instructionSets);
    }

    /** The file of its kernels, in the build's folder. */
    String fileName() {
      return System.mapLibraryName("ggml-cpu-" + name);
    }

    private int worth() {
      return instructionSets.stream().mapToInt(set -> WORTH.getOrDefault(set, 0)).sum();
    }

    /**
     * The variant to load: the forced one, else the best of those that the processor can run.
     *
     * @param forced the name that {@value #FORCED} gives; null or blank for none
     * @throws NativeLoadException if there is none of that name, or the processor cannot run it
     */
    static CpuVariant choose(
        List<CpuVariant> variants, Processor processor, @Nullable String forced) {
      if (forced != null && !forced.isBlank()) {
        return named(variants, processor, forced.strip());
      }
      return variants.stream()
          .filter(variant -> processor.missing(variant.instructionSets).isEmpty())
          .max(Comparator.comparingInt(CpuVariant::worth))
          .orElseThrow(() ->
              new NativeLoadException(
                  "this native build has kernels for %s, and this processor can run none of them"
                      .formatted(names(variants))));
    }

    private static CpuVariant named(List<CpuVariant> variants, Processor processor, String name) {
      CpuVariant variant =
          variants.stream()
              .filter(one -> one.name.equals(name))
              .findFirst()
              .orElseThrow(() ->
                  new NativeLoadException(
                      "%s is '%s', and this native build has no such variant: it has %s"
                          .formatted(FORCED, name, names(variants))));
      var missing = processor.missing(variant.instructionSets);
      if (!missing.isEmpty() && processor.isKnown()) {
        throw new NativeLoadException(
            "%s is '%s', which needs %s, and this processor has not: leave it unset for the best one that runs here (%s)"
                .formatted(
                    FORCED,
                    name,
                    String.join(", ", missing),
                    choose(variants, processor, null).name));
      }
      return variant;
    }

    private static String names(List<CpuVariant> variants) {
      return String.join(", ", variants.stream().map(CpuVariant::name).sorted().toList());
    }
  }

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
      return flags.stream()
          .filter(flag -> INSTRUCTION_SET.matcher(flag).matches())
          .sorted()
          .toList();
    }

    /** Those of {@code wanted} that this processor has not, sorted. */
    Set<String> missing(Collection<String> wanted) {
      Set<String> missing = new TreeSet<>(wanted);
      missing.removeAll(flags);
      return missing;
    }
  }
}
