package dev.vignette.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.HashCaptioner;
import dev.vignette.captions.run.ImageInput;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.Pictures;
import dev.vignette.captions.run.RunOutput;
import dev.vignette.captions.run.RunOutput.SidecarText;
import dev.vignette.captions.run.RunPlan;
import dev.vignette.captions.run.RunResult;
import dev.vignette.captions.run.StopSignal;
import dev.vignette.captions.run.UsageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class BatchOptionsTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private List<Path> read = List.of();

  @Command(name = "caption")
  static final class CaptionCommand {
    @Mixin private final BatchOptions batch = new BatchOptions();
  }

  @BeforeEach
  void makeImages() {
    Pictures.writeMany(folder.resolve("images"), 5);
  }

  private RunPlan plan(InputStream in, Object... arguments) {
    CaptionCommand command = new CaptionCommand();
    List<String> words = List.of(arguments).stream().map(Object::toString).toList();
    new CommandLine(command).parseArgs(words.toArray(String[]::new));
    return command.batch.plan(in, new PrintWriter(out), read);
  }

  private RunPlan plan(Object... arguments) {
    return plan(InputStream.nullInputStream(), arguments);
  }

  private RunResult run(RunPlan plan) {
    return RunConsole.run(plan, new HashCaptioner(), new StopSignal(), new PrintWriter(err));
  }

  private static InputStream text(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void oneImageIsPrintedAndNothingElseSaid() {
    Path image = folder.resolve("images/000.png");
    RunPlan plan = plan(image);

    assertThat(plan.isOnePrintedImage()).isTrue();
    assertThat(run(plan).exitCode()).isZero();
    assertThat(out.toString().strip()).isEqualTo(HashCaptioner.captionOf(image, "greedy"));
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void aFolderIsSavedAndSummedUp() {
    Path output = folder.resolve("p.json");
    run(plan(folder.resolve("images"), "-o", output, "--details"));

    assertThat(out.toString()).isEmpty();
    assertThat(err.toString())
        .contains("5 captioned, 0 reused, 0 failed in ", "The captions are in " + output);
    assertThat(folder.resolve("p.details.jsonl")).exists();
  }

  @Test
  void failuresAreListedEvenQuietly() throws IOException {
    Files.writeString(folder.resolve("images/bad.png"), "text");

    RunResult result = run(plan(folder.resolve("images"), "--quiet"));

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(err.toString())
        .contains("1 image could not be captioned:", "bad.png")
        .doesNotContain("captioned, ", " failed in ");
    assertThat(out.toString().lines()).hasSize(5);
  }

  @Test
  void aListComesFromTheStandardInputOrAFile() throws IOException {
    String list = folder + "/images/003.png\r\n\n" + folder + "/images/001.png";
    Path file = Files.writeString(folder.resolve("list.txt"), list);

    for (RunPlan plan :
        List.of(plan(text(list), "-"), plan(text(list), "--list", "-"), plan("--list", file))) {
      assertThat(plan.inputs().images()).extracting(ImageInput::key).containsExactly("003", "001");
    }
  }

  @Test
  void aListMayBeginWithAByteOrderMark() throws IOException {
    String image = folder.resolve("images/003.png").toString();
    Path file = Files.writeString(folder.resolve("list.txt"), '\uFEFF' + image + "\r\n");
    assertThat(plan("--list", file).inputs().images())
        .extracting(ImageInput::key)
        .containsExactly("003");
  }

  @Test
  void aListThatIsEmptyOrMissingOrNoTextIsRefused() throws IOException {
    Path binary = Files.write(folder.resolve("list.bin"), new byte[] {(byte) 0xFF, (byte) 0xFE});

    assertThatThrownBy(() -> plan("-"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("on the standard input names no image");
    assertThatThrownBy(() -> plan("--list", folder.resolve("missing.txt")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("missing.txt does not exist");
    assertThatThrownBy(() -> plan("--list", binary))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("not UTF-8");
  }

  @Test
  void theOptionsReachTheRun() {
    RunPlan plan =
        plan(
            folder.resolve("images"),
            "--keys",
            "path",
            "--sidecars",
            "--prefix",
            "p",
            "--suffix",
            "s",
            "--overwrite",
            "--output",
            folder.resolve("p.json"),
            "--limit",
            "2",
            "--no-upright",
            "--max-pixels",
            "99",
            "-q");

    assertThat(plan.inputs().images())
        .extracting(ImageInput::key)
        .containsExactly("000.png", "001.png");
    assertThat(plan.output())
        .isEqualTo(
            RunOutput.Saved.to(
                folder.resolve("p.json"), KeyMode.PATH, false, new SidecarText("p", "s"), true));
    assertThat(plan.settings().reading().upright()).isFalse();
    assertThat(plan.settings().reading().maxPixels()).isEqualTo(99);
    assertThat(plan.quiet()).isTrue();
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() {
    Path image = folder.resolve("images/000.png");

    assertThatThrownBy(() -> plan(image, "--prefix", "p"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("--sidecars was not given");
    for (String option : List.of("--output", "--coco-results", "--metadata", "--webdataset")) {
      assertThatThrownBy(() -> plan(image, option, "-"))
          .isInstanceOf(UsageException.class)
          .hasMessage(
              option
                  + " takes a name, not \"-\": captions are printed where no output is given. What has that name is ./-.");
    }
    assertThatThrownBy(() -> plan(image, "--sidecar-extension", ".caption"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("--sidecars was not given");
    for (Object[] empty : new Object[][] {{""}, {image, ""}, {"--list", ""}}) {
      assertThatThrownBy(() -> plan(empty))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("not empty");
    }
    assertThatThrownBy(() -> plan(image, "--exclude", "[a"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("--exclude");
    assertThatThrownBy(() -> plan(image, "--limit", "0"))
        .isInstanceOf(UsageException.class)
        .hasMessage("--limit is at least 1, but 0 was given.");
    assertThatThrownBy(() -> plan(image, "--max-pixels", "-1"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("--max-pixels is at least 1");
    assertThatThrownBy(() -> plan(image, "--keys", "name"))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("keys are stem or path, but \"name\" was given");
  }

  @Test
  void outputsAreCheckedBeforeAModelIsLoaded() {
    assertThatThrownBy(() -> plan(folder.resolve("images"), "-o", folder.resolve("no/p.json")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("no folder");
  }

  @Test
  void noSidecarAndNoOutputTakesThePlaceOfWhatTheRunReads() throws IOException {
    Path images = folder.resolve("images");
    Path image;
    try (var files = Files.list(images)) {
      image = files.sorted().findFirst().orElseThrow();
    }
    String stem = String.valueOf(image.getFileName()).replaceAll("\\.[^.]*$", "");
    Path list = Files.writeString(images.resolve(stem + ".txt"), image + "\n");
    Path link = Files.createSymbolicLink(folder.resolve("link.txt"), list);
    Path output = folder.resolve("p.json");
    for (Path named : List.of(list, link)) {
      assertThatThrownBy(() -> plan("--list", named, "-o", output, "--sidecars", "--overwrite"))
          .isInstanceOf(UsageException.class)
          .hasMessageContainingAll(image.toString(), named.toString(), "this run reads");
      assertThatThrownBy(() -> plan("--list", named, "-o", named, "--overwrite"))
          .isInstanceOf(UsageException.class)
          .hasMessageContainingAll("--output", named.toString(), "this run reads");
    }
    read = List.of(images);
    assertThatThrownBy(() -> plan(image, "-o", output, "--sidecars"))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll(list.toString(), "--sidecar-folder");
    assertThat(list).hasContent(image + "\n");
    read = List.of();
    assertThat(plan("--list", list, "-o", output).inputs().images()).hasSize(1);
  }

  @Test
  void interruptionAndLeftOversAreSaid() {
    StopSignal stop = new StopSignal();
    HashCaptioner captioner = new HashCaptioner().before(_ -> stop.request());
    Path output = folder.resolve("p.json");

    RunConsole.run(
        plan(folder.resolve("images"), "-o", output), captioner, stop, new PrintWriter(err));

    assertThat(err.toString())
        .contains("1 captioned, 0 reused, 0 failed, 4 left in ", "run the same command again");
  }

  @Test
  void equalStemsAreNoMatterWhereNothingIsSaved() {
    Path first = folder.resolve("images/000.png");
    Path second = Pictures.write(folder.resolve("other/000.png"), 77);

    assertThat(run(plan(first, second)).captioned()).isEqualTo(2);
    assertThat(out.toString().lines()).hasSize(2);
    assertThat(
            plan(first, second, "--limit", "1", "-o", folder.resolve("p.json")).inputs().images())
        .hasSize(1);
    assertThatThrownBy(() -> plan(first, second, "-o", folder.resolve("p.json")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("1 has another's: 000");
  }

  @Test
  void theHelpNamesEveryOption() {
    String help = new CommandLine(new CaptionCommand()).getUsageMessage();
    assertThat(help.replaceAll("\\s+", " "))
        .contains("--output", "--sidecars", "--details", "--keys=stem|path", "Default: stem");
  }
}
