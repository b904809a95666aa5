package dev.vignette.llama.internal;

import dev.vignette.llama.NativeLoadException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
