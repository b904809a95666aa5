package dev.vignette.cli.llava;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.cli.ProgramRun;
import dev.vignette.cli.models.GgufCopies;
import dev.vignette.weights.gguf.LanguageModelFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  @Test
  void anOriginalIsNotReplacedByItsOwnQuantization() throws IOException {
    Path input = Files.write(folder.resolve("in.gguf"), GgufCopies.model(GgufCopies.F16));
    Path original = Files.copy(input, folder.resolve("original.gguf"));

    ProgramRun run = quantize(input, original);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("original.gguf", "is in F16", "Give another name");
    assertThat(original).hasSameBinaryContentAs(input);
  }

  @Test
  void anotherModelIsNotReplacedWhateverItsType() throws IOException {
    Path input = Files.write(folder.resolve("in.gguf"), GgufCopies.model(GgufCopies.F16));
    for (byte[] model : List.of(Files.readAllBytes(MODEL), GgufCopies.model(GgufCopies.F16))) {
      byte[] renamed = renamed(model);
      Path other = Files.write(folder.resolve("other.gguf"), renamed);

      ProgramRun run = quantize(input, other);

      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err()).contains("other.gguf", "holds another model", "Give another name");
      assertThat(other).hasBinaryContent(renamed);
    }
  }

  @Test
  void anEarlierResultIsReplaced() throws IOException {
    Path input = Files.write(folder.resolve("in.gguf"), GgufCopies.model(GgufCopies.F16));
    Path result = Files.write(folder.resolve("out.gguf"), GgufCopies.model(GgufCopies.Q4_K_M));

    ProgramRun run = quantize(input, result);

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(LanguageModelFile.check(result).quantization()).isEqualTo("Q8_0");
  }

  @Test
  void aDiskWithoutRoomIsRefusedBeforeAnyWork() throws IOException {
    Path proc = Path.of("/proc/self");
    assumeTrue(Files.isDirectory(proc), "needs /proc, which has no room");
    Path input = Files.write(folder.resolve("in.gguf"), GgufCopies.model(GgufCopies.F16));

    ProgramRun run = quantize(input, proc.resolve("out.gguf"));

    assertThat(run.code()).isEqualTo(74);
    assertThat(run.err())
        .containsPattern("/proc/\\S+ has 0.0 MB free, but about \\S+ MB are needed");
    ProgramRun device = quantize(input, Path.of("/dev/stdout"));
    assertThat(device.code()).isEqualTo(2);
    assertThat(device.err()).contains("device or pipe");
  }

  private static ProgramRun quantize(Path input, Path output) {
    return ProgramRun.of("llava", "quantize", input.toString(), output.toString(), "Q8_0");
  }

  /** The model under another name of the same length. */
  private static byte[] renamed(byte[] model) {
    String text = new String(model, StandardCharsets.ISO_8859_1);
    int key = text.indexOf("general.name");
    int name = key + "general.name".length() + Integer.BYTES + Long.BYTES;
    byte[] renamed = model.clone();
    renamed[name]++;
    return renamed;
  }
}
