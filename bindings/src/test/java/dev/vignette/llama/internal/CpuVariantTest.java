package dev.vignette.llama.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.llama.NativeLoadException;
import dev.vignette.llama.internal.NativeBuild.CpuVariant;
import dev.vignette.llama.internal.NativeBuild.Processor;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of a portable build's files is taken on which processor; no native code. */
class CpuVariantTest {

  /** What native/build.sh --portable writes of llama.cpp v0.5.0 with gcc 12. */
  private static final String BUILD =
      """
      version=0.5.0
      flavor=cpu
      library=libmtmd.so.0
      variants=alderlake cannonlake cascadelake cooperlake haswell icelake ivybridge piledriver sandybridge sapphirerapids skylakex sse42 x64 zen4
      variant.alderlake=avx avx2 avx_vnni bmi2 f16c fma sse4_2
      variant.cannonlake=avx avx2 avx512bw avx512cd avx512dq avx512f avx512vbmi avx512vl bmi2 f16c fma sse4_2
      variant.cascadelake=avx avx2 avx512_vnni avx512bw avx512cd avx512dq avx512f avx512vl bmi2 f16c fma sse4_2
      variant.cooperlake=avx avx2 avx512_bf16 avx512_vnni avx512bw avx512cd avx512dq avx512f avx512vl bmi2 f16c fma sse4_2
      variant.haswell=avx avx2 bmi2 f16c fma sse4_2
      variant.icelake=avx avx2 avx512_vnni avx512bw avx512cd avx512dq avx512f avx512vbmi avx512vl bmi2 f16c fma sse4_2
      variant.ivybridge=avx f16c sse4_2
      variant.piledriver=avx f16c fma sse4_2
      variant.sandybridge=avx sse4_2
      variant.sapphirerapids=amx_int8 amx_tile avx avx2 avx512_bf16 avx512_vnni avx512bw avx512cd avx512dq avx512f avx512vbmi avx512vl bmi2 f16c fma sse4_2
      variant.skylakex=avx avx2 avx512bw avx512cd avx512dq avx512f avx512vl bmi2 f16c fma sse4_2
      variant.sse42=sse4_2
      variant.x64=
      variant.zen4=avx avx2 avx512_bf16 avx512_vnni avx512bw avx512cd avx512dq avx512f avx512vbmi avx512vl bmi2 f16c fma sse4_2
      """;

  private static final String AVX512 = " avx512f avx512dq avx512cd avx512bw avx512vl";

  private static List<CpuVariant> variants() {
    try {
      return NativeBuild.read(Path.of("native"), new StringReader(BUILD)).variants();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String chosen(String flags, @Nullable String forced) {
    String cpuInfo = "processor\t: 0\nmodel name\t: some\nflags\t\t: fpu sse sse2 " + flags;
    return CpuVariant.choose(variants(), Processor.of(cpuInfo.lines()), forced).name();
  }

  private static String chosen(String flags) {
    return chosen(flags, null);
  }

  @ParameterizedTest
  @CsvSource({
    "pni, x64",
    "ssse3 sse4_1 sse4_2 popcnt, sse42",
    "sse4_2 avx xsave, sandybridge",
    "sse4_2 avx f16c xsave, ivybridge",
    "sse4_2 avx f16c fma fma4 xop tbm, piledriver",
    "sse4_2 fma avx f16c avx2 bmi1 bmi2, haswell",
    "sse4_2 fma avx f16c avx2 bmi1 bmi2 avx_vnni, alderlake"
  })
  void aProcessorWithoutAvx512GetsTheBestOfItsKind(String flags, String variant) {
    assertThat(chosen(flags)).isEqualTo(variant);
  }

  @ParameterizedTest
  @CsvSource({
    "avx512f avx512dq avx512cd avx512bw avx512vl, skylakex",
    "avx512f avx512dq avx512cd avx512bw avx512vl avx512vbmi, cannonlake",
    "avx512f avx512dq avx512cd avx512bw avx512vl avx512_vnni, cascadelake",
    "avx512f avx512dq avx512cd avx512bw avx512vl avx512vbmi avx512_vnni, icelake",
    "avx512f avx512dq avx512cd avx512bw avx512vl avx512_vnni avx512_bf16, cooperlake",
    "avx512f avx512dq avx512cd avx512bw avx512vl avx512vbmi avx512_vnni avx512_bf16, zen4",
    "avx512f avx512dq avx512cd avx512bw avx512vl avx512vbmi avx512_vnni avx512_bf16 avx_vnni amx_bf16 amx_tile amx_int8, sapphirerapids"
  })
  void aProcessorWithAvx512GetsTheBestOfItsKind(String flags, String variant) {
    assertThat(chosen("sse4_2 fma avx f16c avx2 bmi1 bmi2 " + flags)).isEqualTo(variant);
  }

  @Test
  void whatTheSystemDoesNotShowIsNotUsed() {
    // A Sapphire Rapids under a system, or in a machine, that keeps no registers of AMX or AVX-512.
    assertThat(chosen("sse4_2 fma avx f16c avx2 bmi2 avx_vnni")).isEqualTo("alderlake");
    assertThat(chosen("sse4_2 fma avx f16c avx2 bmi2 avx512vbmi avx512_vnni avx512_bf16" + AVX512))
        .isEqualTo("zen4");
  }

  @Test
  void aSystemThatTellsNothingGetsWhatRunsEverywhere() {
    Processor unknown = Processor.of("processor : 0".lines());
    assertThat(CpuVariant.choose(variants(), unknown, null).name()).isEqualTo("x64");
  }

  @Test
  void aForcedVariantIsTakenWhereItRuns() {
    assertThat(chosen("sse4_2 fma avx f16c avx2 bmi2", "sandybridge")).isEqualTo("sandybridge");
    assertThat(chosen("sse4_2 fma avx f16c avx2 bmi2", " ")).isEqualTo("haswell");
  }

  @Test
  void aForcedVariantThatIsNotThereIsRefusedWithTheNamesThereAre() {
    assertThatThrownBy(() -> chosen("sse4_2 avx", "skylake"))
        .isInstanceOf(NativeLoadException.class)
        .hasMessage(
            "VIGNETTE_CPU_VARIANT is 'skylake', and this native build has no such variant: it has alderlake, cannonlake,"
                + " cascadelake, cooperlake, haswell, icelake, ivybridge, piledriver, sandybridge, sapphirerapids, skylakex,"
                + " sse42, x64, zen4");
  }

  @Test
  void aForcedVariantThatTheProcessorCannotRunIsRefusedWithWhatItLacks() {
    assertThatThrownBy(() -> chosen("sse4_2 fma avx f16c avx2 bmi2", "skylakex"))
        .isInstanceOf(NativeLoadException.class)
        .hasMessage(
            "VIGNETTE_CPU_VARIANT is 'skylakex', which needs avx512bw, avx512cd, avx512dq, avx512f, avx512vl, and this"
                + " processor has not: leave it unset for the best one that runs here (haswell)");
  }
}
