package dev.vignette.llama.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.internal.ffi.LlamaCpp;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every generated layout and constant against the C compiler's reading of the real headers. */
class AbiTest {

  private static final Path ROOT = Path.of(System.getProperty("vignette.root"));
  private static final Path HEADERS = ROOT.resolve("native/target/cpu/include");

  @TempDir private Path folder;

  @Test
  void everyLayoutAndConstantIsTheHeaders() throws Exception {
    List<String> assertions = GeneratedCode.assertions();
    assertThat(assertions).hasSizeGreaterThan(200);
    Compilation result = compile(assertions);
    assertThat(result.output()).isEmpty();
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void aWrongOffsetWouldBeSeen() throws Exception {
    List<String> wrong = new ArrayList<>(GeneratedCode.assertions());
    wrong.set(1, wrong.get(1).replaceFirst("== \\d+", "== 12345"));
    assertThat(compile(wrong).exitCode()).isNotZero();
  }

  @Test
  void theStructsLookedAtAreAllThatWereGenerated() throws Exception {
    assertThat((long) GeneratedCode.structs().size()).isEqualTo(GeneratedCode.structFiles(ROOT));
  }

  @Test
  void everyBoundFunctionResolves() throws Exception {
    NativeLibrary.load(new DeviceRequest.Cpu());
    List<String> functions = GeneratedCode.functions();
    assertThat(functions).hasSizeGreaterThan(70);
    for (String function : functions) {
      Object address = LlamaCpp.class.getMethod(function + "$address").invoke(null);
      assertThat(address).as(function).isNotEqualTo(MemorySegment.NULL);
    }
  }

  private record Compilation(int exitCode, String output) {}

  private Compilation compile(List<String> assertions) throws IOException, InterruptedException {
    assumeTrue(Files.isDirectory(HEADERS), "the native build staged no headers in " + HEADERS);
    List<String> lines = new ArrayList<>();
    lines.add("#include <stddef.h>");
    for (String header : List.of("llama.h", "ggml-backend.h", "ggml-cpu.h", "mtmd.h")) {
      lines.add("#include \"" + header + "\"");
    }
    lines.addAll(assertions);
    Path source = Files.write(folder.resolve("abi.c"), lines);
    Process compiler =
        new ProcessBuilder(
                "cc",
                "-std=c11",
                "-fsyntax-only",
                "-w",
                "-I",
                HEADERS.toString(),
                source.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(compiler.getInputStream().readAllBytes());
    return new Compilation(compiler.waitFor(), output);
  }
}
