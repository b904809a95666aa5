package dev.vignette.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.CaptionExport;
import dev.vignette.captions.run.CaptionExport.Form;
import dev.vignette.captions.run.HashCaptioner;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.Pictures;
import dev.vignette.captions.run.RunOutput;
import dev.vignette.captions.run.RunOutput.SidecarText;
import dev.vignette.captions.run.RunResult;
import dev.vignette.captions.run.Runs;
import dev.vignette.captions.run.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two runs at one time, in two processes, whose files are the same by one name or another. */
@Timeout(120)
class TwoRunsTest {
  private static final int COUNT = 4;

  @TempDir Path folder;
  private Path images;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void makeImages() {
    images = Pictures.writeMany(folder.resolve("images"), COUNT);
  }

  @AfterEach
  void endProcesses() {
    started.forEach(Process::destroyForcibly);
  }

  /** Starts a run in another process, which waits within its second image. */
  private Process start(Path... arguments) throws IOException {
    Process process =
        new ProcessBuilder(KilledProcessTest.java(SteppedRun.class, arguments)).start();
    started.add(process);
    KilledProcessTest.step(process, 1);
    return process;
  }

  private static void finish(Process process) throws Exception {
    for (int left = COUNT - 1; left > 0; left--) {
      KilledProcessTest.allowOne(process);
    }
    assertThat(KilledProcessTest.exitCode(process)).isZero();
  }

  private RunResult run(RunOutput.Saved output) {
    return Runs.run(new HashCaptioner(), Runs.folder(images), output);
  }

  private void assertRefused(RunOutput.Saved output, String file) {
    assertThatThrownBy(() -> run(output))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("Another run is writing", file);
  }

  private static RunOutput.Saved withResults(Path predictions, Path results) {
    return Runs.output(predictions).with(List.of(new CaptionExport(Form.COCO_RESULTS, results)));
  }

  @Test
  void anOutputIsOneByLinksToItAndToItsFolderToo() throws Exception {
    Path all = folder.resolve("all.json");
    Path link = Files.createSymbolicLink(folder.resolve("link.json"), Path.of("all.json"));
    Path chain =
        Files.createSymbolicLink(
            Files.createDirectory(folder.resolve("other")).resolve("chain.json"), link);
    Path linked = Files.createSymbolicLink(folder.resolve("linked"), folder).resolve("all.json");
    Process first = start(images, all);

    for (Path name : List.of(all, link, chain, linked)) {
      assertRefused(Runs.output(name), "all.json.journal");
    }
    finish(first);

    for (Path name : List.of(link, chain, linked)) {
      assertThat(run(Runs.output(name)).reused()).as(name.toString()).isEqualTo(COUNT);
    }
    assertThat(link).isSymbolicLink();
    assertThat(Predictions.read(all).captions()).hasSize(COUNT);
    assertThat(folder).isDirectoryNotContaining("glob:**link.json.*");
  }

  @Test
  void aRunThatCameByALinkKeepsOthersFromTheFile() throws Exception {
    Path all = folder.resolve("all.json");
    start(images, Files.createSymbolicLink(folder.resolve("link.json"), all));

    assertRefused(Runs.output(all), "all.json.journal");
  }

  @Test
  void hardLinksGrowApartAndBothAreKept() throws Exception {
    Path all = folder.resolve("all.json");
    run(Runs.output(all));
    Path twin = Files.createLink(folder.resolve("twin.json"), all);
    byte[] before = Files.readAllBytes(all);
    start(Pictures.writeMany(folder.resolve("more"), COUNT + 1), all);

    assertThatThrownBy(() -> run(Runs.output(twin))).hasMessageContaining("no journal");
    RunOutput.Saved overwriting = RunOutput.Saved.to(twin, KeyMode.STEM, false, null, true);
    Runs.run(new HashCaptioner(1, "new"), Runs.folder(images), overwriting);

    assertThat(all).hasBinaryContent(before);
    assertThat(Predictions.read(twin).captions().values())
        .allSatisfy(caption -> assertThat(caption).endsWith("new"));
  }

  @Test
  void whatAKilledRunLeftHalfWrittenIsRemovedBehindALinkToo() throws Exception {
    Path results = folder.resolve("results.json");
    Path predictions = folder.resolve("all.json");
    for (Path file : List.of(results, predictions)) {
      Files.writeString(folder.resolve(".%s.4711-1.tmp".formatted(file.getFileName())), "{");
    }
    Path links = Files.createDirectory(folder.resolve("links"));

    run(
        withResults(
            Files.createSymbolicLink(links.resolve("a.json"), predictions),
            Files.createSymbolicLink(links.resolve("r.json"), results)));

    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
    assertThat(links).isDirectoryNotContaining("glob:**.{journal,lock,tmp}");
    assertThat(Predictions.read(results).captions()).hasSize(COUNT);
  }

  @Test
  void resultsInAnotherFormAreOfOneRunAtATime() throws Exception {
    Path results = folder.resolve("results.json");
    Path link = Files.createSymbolicLink(folder.resolve("link.json"), results);
    Process first = start(images, folder.resolve("a.json"), results);

    assertRefused(withResults(folder.resolve("b.json"), results), "--coco-results");
    assertRefused(withResults(folder.resolve("b.json"), link), "--coco-results");
    assertRefused(Runs.output(results), "results.json.journal");
    finish(first);

    assertThat(Predictions.read(results).captions()).hasSize(COUNT);
    assertThatThrownBy(() -> run(withResults(folder.resolve("b.json"), results)))
        .hasMessageContaining("are not this program's");
  }

  @Test
  void anOutputIsNotTheResultsOfAnotherRun() throws Exception {
    Path all = folder.resolve("all.json");
    start(images, all);

    assertRefused(withResults(folder.resolve("b.json"), all), "--coco-results");
  }

  @Test
  void sidecarsOfOneImageAreWholeWhoeverWritesThem() throws Exception {
    Process first = start(images, folder.resolve("a.json"));

    RunOutput.Saved second =
        RunOutput.Saved.to(
            folder.resolve("b.json"), KeyMode.STEM, false, new SidecarText("of b: ", ""), false);
    RunResult result = run(second);
    finish(first);

    assertThat(result.sidecarsLeft()).isEqualTo(1);
    Predictions.read(folder.resolve("a.json"))
        .captions()
        .forEach((key, caption) ->
            assertThat(images.resolve(key + ".txt"))
                .hasContent((key.equals("000") ? "" : "of b: ") + caption));
    assertThat(images).isDirectoryNotContaining("glob:**.tmp");
  }
}
