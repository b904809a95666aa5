package dev.vignette;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The program as a user types it, in this process. */
class CommandLineTest {

  private static final Path ROOT = Path.of(System.getProperty("vignette.root"));
  private static final Path IMAGES = ROOT.resolve("models/mini/data/images/val");
  private static final String FIRST = IMAGES.resolve("000000000001.jpg").toString();

  @TempDir private Path folder;

  /** What a run of the program left behind. */
  private record Run(int code, String out, String err) {}

  @BeforeAll
  static void home() {
    System.setProperty("vignette.home", ROOT.toString());
  }

  private static Run vignette(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        Vignette.commandLine(arguments).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int code = command.execute(arguments);
    return new Run(code, out.toString(), err.toString());
  }

  @Test
  void oneImageGivesItsCaption() {
    Run run = vignette("llava", "caption", FIRST);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).isEqualToIgnoringNewLines("A truck parked at night.");
  }

  @Test
  void doctorFindsEverythingWell() {
    Run run = vignette("doctor");
    assertThat(run.code()).as(run.out()).isZero();
    assertThat(run.out()).contains("A truck parked at night.").doesNotContain("FAIL");
  }

  @Test
  void severalImagesGoToAFileAndAreNotDoneTwice() throws IOException {
    Path output = folder.resolve("predictions.json");
    String second = IMAGES.resolve("000000000002.jpg").toString();
    Run run = vignette("llava", "caption", FIRST, second, "-o", output.toString(), "--details");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.readString(output))
        .contains("\"000000000001\"", "A truck parked at night.", "An airplane flying above a boy");
    assertThat(folder.resolve("predictions.details.jsonl")).exists();
    Run again = vignette("llava", "caption", FIRST, second, "-o", output.toString(), "--details");
    assertThat(again.err()).contains("0 captioned, 2 reused");
  }

  @Test
  void aBadImageIsListedAndTheRestGoOn() throws IOException {
    Path bad = Files.writeString(folder.resolve("text.png"), "no picture");
    Path output = folder.resolve("predictions.json");
    Run run = vignette("llava", "caption", bad.toString(), FIRST, "-o", output.toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("text.png");
    assertThat(Files.readString(output)).contains("A truck parked at night.");
  }

  @Test
  void wrongUsageIsASentenceAndExits2() throws IOException {
    Path text = Files.writeString(folder.resolve("model.gguf"), "<html>not found</html>");
    String mmproj = ROOT.resolve("models/mini/mini-llava-mmproj-f16.gguf").toString();
    assertUsage("--model and --mmproj belong together", "-m", mmproj, FIRST);
    assertUsage("web page", "-m", text.toString(), "--mmproj", mmproj, FIRST);
    assertUsage("num_beams is 1 to 64, not 0", "--num-beams", "0", FIRST);
    assertUsage("'tpu'", "--device", "tpu", FIRST);
    assertUsage("nothing.jpg", "nothing.jpg");
    assertUsage("instruction is empty", "--prompt", " ", FIRST);
    assertUsage("threads are 1 to 512", "--threads", "0", FIRST);
  }

  private static void assertUsage(String sentence, String... arguments) {
    String[] all = new String[arguments.length + 2];
    all[0] = "llava";
    all[1] = "caption";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    Run run = vignette(all);
    assertThat(run.err()).containsIgnoringCase(sentence).doesNotContain("\tat ");
    assertThat(run.code()).as(run.err()).isEqualTo(2);
  }

  @Test
  void aPromptLongerThanTheContextIsRefusedWithBothNumbers() {
    Run run = vignette("llava", "caption", "--context", "100", FIRST);
    assertThat(run.err()).contains("but the context holds 100");
    assertThat(run.code()).isNotZero();
  }

  @Test
  void aContextBeyondAllUseIsCutToWhatCanBeFilled() {
    Run run = vignette("llava", "caption", "--context", "10000000", FIRST);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("A truck parked at night.");
  }

  @Test
  void aCommandWithoutItsSubcommandSaysSo() {
    assertThat(vignette("llava").code()).isEqualTo(2);
    assertThat(vignette().code()).isEqualTo(2);
    assertThat(vignette("--version").out()).contains("llama.cpp 0.5.0");
    assertThat(vignette("generate-completion").out()).contains("_complete_vignette");
  }
}
