package dev.vignette.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as a user types it, in this process. */
class CommandLineTest {

  private static final Path ROOT = ProgramRun.ROOT;
  private static final Path IMAGES = ROOT.resolve("models/mini/data/images/val");
  private static final String FIRST = IMAGES.resolve("000000000001.jpg").toString();

  @TempDir private Path folder;

  @Test
  void aNumberOutOfRangeIsRefusedInOneLine() {
    for (String number : new String[] {"99999999999", "-99999999999"}) {
      ProgramRun run = ProgramRun.of("llava", "caption", "a.jpg", "--max-new-tokens", number);
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err().strip())
          .isEqualTo(
              "vignette: --max-new-tokens is a whole number from -2147483648 to 2147483647, not "
                  + number);
    }
  }

  @Test
  void oneImageGivesItsCaption() {
    ProgramRun run = ProgramRun.of("llava", "caption", FIRST);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).isEqualToIgnoringNewLines("A truck parked at night.");
  }

  @Test
  void doctorFindsEverythingWell() {
    ProgramRun run = ProgramRun.of("doctor");
    assertThat(run.code()).as(run.out()).isZero();
    assertThat(run.out()).contains("A truck parked at night.").doesNotContain("FAIL");
    assertThat(run.out()).containsPattern("processor +ok +the build uses .+; this processor has ");
  }

  @Test
  void severalImagesGoToAFileAndAreNotDoneTwice() throws IOException {
    Path output = folder.resolve("predictions.json");
    String second = IMAGES.resolve("000000000002.jpg").toString();
    ProgramRun run =
        ProgramRun.of("llava", "caption", FIRST, second, "-o", output.toString(), "--details");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.readString(output))
        .contains("\"000000000001\"", "A truck parked at night.", "An airplane flying above a boy");
    assertThat(folder.resolve("predictions.details.jsonl")).exists();
    ProgramRun again =
        ProgramRun.of("llava", "caption", FIRST, second, "-o", output.toString(), "--details");
    assertThat(again.err()).contains("0 captioned, 2 reused");
  }

  @Test
  void aBadImageIsListedAndTheRestGoOn() throws IOException {
    Path bad = Files.writeString(folder.resolve("text.png"), "no picture");
    Path output = folder.resolve("predictions.json");
    ProgramRun run =
        ProgramRun.of("llava", "caption", bad.toString(), FIRST, "-o", output.toString());
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
    assertUsage("--num-beams is 1 to 64, not 0", "--num-beams", "0", FIRST);
    assertUsage("'tpu'", "--device", "tpu", FIRST);
    assertUsage("cuda:1 was named twice", "--device", "cuda:1,cuda:1", FIRST);
    assertUsage("a batch is auto or 1 to 255 images", "--batch-size", "0", FIRST);
    assertUsage("nothing.jpg", "nothing.jpg");
    assertUsage("instruction is empty", "--prompt", " ", FIRST);
    assertUsage("threads are 1 to 512", "--threads", "0", FIRST);
    assertUsage("a path is not empty", "--output", "", FIRST);
    assertUsage("a path is not empty", "--prompt-file", "", FIRST);
    assertUsage("<image>", "--prompt", "<image>\nDescribe.", FIRST);
  }

  private static void assertUsage(String sentence, String... arguments) {
    String[] all = new String[arguments.length + 2];
    all[0] = "llava";
    all[1] = "caption";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    ProgramRun run = ProgramRun.of(all);
    assertThat(run.err()).containsIgnoringCase(sentence).doesNotContain("\tat ");
    assertThat(run.code()).as(run.err()).isEqualTo(2);
  }

  @Test
  void aPromptLongerThanTheContextIsRefusedWithBothNumbers() {
    ProgramRun run = ProgramRun.of("llava", "caption", "--context", "100", FIRST);
    assertThat(run.err()).contains("but the context holds 100");
    assertThat(run.code()).isNotZero();
  }

  @Test
  void aContextBeyondAllUseIsCutToWhatCanBeFilled() {
    ProgramRun run = ProgramRun.of("llava", "caption", "--context", "10000000", FIRST);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("A truck parked at night.");
  }

  @Test
  void aCommandWithoutItsSubcommandSaysSo() {
    assertThat(ProgramRun.of("llava").code()).isEqualTo(2);
    assertThat(ProgramRun.of().code()).isEqualTo(2);
    for (String command : List.of("", "llava", "llava caption", "captioner train", "doctor")) {
      ProgramRun version = ProgramRun.of((command + " --version").strip().split(" ", -1));
      assertThat(version.code()).as(command).isZero();
      assertThat(version.out()).as(command).contains("llama.cpp 0.5.0");
    }
    assertThat(ProgramRun.of("generate-completion").out()).contains("_complete_vignette");
  }

  @Test
  void aPromptFileMayBeginWithAByteOrderMarkButIsUtf8() throws IOException {
    String prompt = "Write a short caption for this image.";
    Path plain = Files.writeString(folder.resolve("plain.txt"), prompt);
    Path marked = Files.writeString(folder.resolve("marked.txt"), '\uFEFF' + prompt);
    Path latin = Files.write(folder.resolve("latin.txt"), new byte[] {'w', 'r', (byte) 0xFC});
    String caption =
        ProgramRun.of("llava", "caption", "--prompt-file", plain.toString(), FIRST).out();
    assertThat(ProgramRun.of("llava", "caption", "--prompt-file", marked.toString(), FIRST).out())
        .isEqualTo(caption);
    ProgramRun run = ProgramRun.of("llava", "caption", "--prompt-file", latin.toString(), FIRST);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("latin.txt", "not UTF-8", "0xFC").doesNotContain("\tat ");
  }

  @Test
  void optionsThatDoNothingAreSaidOnce() {
    ProgramRun run =
        ProgramRun.of(
            "llava", "caption", "--seed", "3", "--top-p", "0.5", "--early-stopping", FIRST);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err())
        .containsOnlyOnce("without --do-sample --top-p, --seed do nothing")
        .containsOnlyOnce("without --num-beams --early-stopping does nothing");
  }

  @Test
  void moreTokensThanAnyModelHasAndAFramingThatIsNoneAreRefused() {
    assertUsage("--max-new-tokens is at most 1048576", "--max-new-tokens", "2147483647", FIRST);
    assertUsage("crop, pad or stretch, not 'square'", "--framing", "square", FIRST);
    assertThat(ProgramRun.of("llava", "caption", "--framing", "x", FIRST).err())
        .doesNotContain("CROP_OPENAI");
    assertThat(ProgramRun.of("llava", "caption", "--max-new-tokens", "1048576", FIRST).err())
        .contains("fewer --max-new-tokens")
        .doesNotContain("\tat ");
  }

  @Test
  void aPictureIsNotAttendedToInItsOwnFolder() throws IOException {
    Path picture = Files.copy(Path.of(FIRST), folder.resolve("figure.png"));
    ProgramRun run = ProgramRun.of("llava", "attend", picture.toString(), "-o", folder.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("holds the picture");
    assertThat(picture).exists();
  }

  @Test
  void bytesThatAreNoTextAreRefusedInEveryLocale() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "missing: /bin/bash");
    for (String locale : List.of("C", "C.UTF-8")) {
      ProcessBuilder builder =
          new ProcessBuilder(
                  "/bin/bash",
                  "-c",
                  "cd \"$1\" && exec \"$2\" -cp \"$3\" dev.vignette.cli.Vignette llava caption \"$4\" -o $'caf\\xe9.json'",
                  "bash",
                  folder.toString(),
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  System.getProperty("java.class.path"),
                  FIRST)
              .redirectErrorStream(true);
      builder.environment().put("LC_ALL", locale);
      Process process = builder.start();
      String said = new String(process.getInputStream().readAllBytes(), UTF_8);

      assertThat(process.waitFor()).as(said).isEqualTo(2);
      assertThat(said).contains("cannot be read as text");
      assertThat(folder).isEmptyDirectory();
    }
  }

  @Test
  void anArgumentThatIsNoTextIsRefusedAndNotMadeAnotherName() throws IOException {
    Path other = folder.resolve("caf\uFFFD.json");
    Path file = Files.write(folder.resolve("arguments"), ("-o\n" + other).getBytes(UTF_8));
    String train = ROOT.resolve("models/mini/train.yaml").toString();
    for (String[] arguments :
        List.of(
            new String[] {"llava", "caption", FIRST, "-o", other.toString()},
            new String[] {"llava", "caption", FIRST, "@" + file},
            new String[] {"llava", "caption", folder.resolve("caf\uFFFD.jpg").toString()},
            new String[] {"llava", "quantize", FIRST, other.toString(), "Q8_0"},
            new String[] {"eval", "compare", other.toString(), file.toString()},
            new String[] {"captioner", "train", "--config", train, "--set=run.name=caf\uFFFD"},
            new String[] {"models", "remove", "caf\uFFFD/model"})) {
      ProgramRun run = ProgramRun.of(arguments);

      assertThat(run.code()).as(run.err()).isEqualTo(2);
      assertThat(run.err())
          .contains("caf\uFFFD", "cannot be read as text", "LC_ALL=C.UTF-8")
          .doesNotContain("\tat ");
      assertThat(folder).isDirectoryNotContaining("glob:**caf*");
    }
  }
}
