package dev.vignette.cli.llava;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.cli.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code llava quantize} may take the place of. */
class QuantizeTest {

  private static final Path MODEL =
      Path.of(System.getProperty("vignette.root"), "models", "mini", "mini-llava-Q8_0.gguf");

  @TempDir private Path folder;

  @Test
  void aFileThatIsNoModelIsNotReplaced() throws IOException {
    Path notes = Files.writeString(folder.resolve("notes.txt"), "mine");

    ProgramRun run = ProgramRun.of("llava", "quantize", MODEL.toString(), notes.toString(), "Q8_0");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("notes.txt", "no language model");
    assertThat(notes).hasContent("mine");
  }

  @Test
  void aProjectorIsNotReplaced() throws IOException {
    Path projector =
        Files.copy(
            MODEL.resolveSibling("mini-llava-mmproj-f16.gguf"), folder.resolve("mmproj.gguf"));
    long size = Files.size(projector);

    ProgramRun run =
        ProgramRun.of("llava", "quantize", MODEL.toString(), projector.toString(), "Q8_0");

    assertThat(run.code()).isEqualTo(2);
    assertThat(projector).hasSize(size);
  }

  @Test
  void whatIsQuantizedIsNotQuantizedAgain() {
    ProgramRun run =
        ProgramRun.of(
            "llava", "quantize", MODEL.toString(), folder.resolve("twice.gguf").toString(), "Q4_0");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("quantized already (Q8_0)");
    assertThat(folder).isEmptyDirectory();
  }
}
