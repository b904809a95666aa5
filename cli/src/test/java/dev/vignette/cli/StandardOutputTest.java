package dev.vignette.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.OutputException;
import dev.vignette.cli.Vignette.StandardOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandardOutputTest {
  private static final Path MINI = ProgramRun.ROOT.resolve("models/mini");

  /** An output that takes no byte. */
  private static StandardOutput broken(String message, boolean pipe) {
    return new StandardOutput(
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException(message);
          }
        },
        () -> pipe);
  }

  @BeforeAll
  static void nameHome() {
    System.setProperty("vignette.home", ProgramRun.ROOT.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "--version",
        "help eval",
        "generate-completion",
        "llava caption --help",
        "llava compare --show-prompts",
        "llava caption MINI/data/images/val/000000000001.jpg",
        "captioner --help",
        "eval --help",
        "attend evaluate --help",
        "doctor",
      })
  void everyCommandSaysThatItsResultWasNotPrinted(String command) {
    StringWriter err = new StringWriter();
    String[] words = command.replace("MINI", MINI.toString()).split(" ");
    int code =
        Vignette.run(words, broken("No space left on device", false), new PrintWriter(err, true));
    assertThat(code).as(err.toString()).isEqualTo(74);
    assertThat(err.toString()).containsOnlyOnce("cannot be written (No space left on device)");
  }

  @Test
  void aClosedPipeIsNoFailureToSay() {
    StringWriter err = new StringWriter();
    int code =
        Vignette.run(
            new String[] {"--help"}, broken("Broken pipe", true), new PrintWriter(err, true));
    assertThat(code).isEqualTo(141);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void itThrowsOnceAndRemembers() {
    StandardOutput output = broken("No space left on device", false);
    PrintWriter writer = output.writer();
    writer.println("a caption");
    assertThatThrownBy(writer::flush).isInstanceOf(OutputException.class);
    writer.println("another");
    writer.flush();
    assertThat(output.failure()).isPresent();
  }

  @Test
  void theHelpOfEveryCommandListsTheExitCodes() {
    for (String command : new String[] {"--help", "llava caption --help", "eval --help"}) {
      assertThat(ProgramRun.of(command.split(" ")).out())
          .as(command)
          .containsPattern("(?m)^\\s+3\\s+stopped")
          .containsPattern("(?m)^\\s+74\\s+an output")
          .containsPattern("(?m)^\\s+141\\s+the reader");
    }
  }
}
