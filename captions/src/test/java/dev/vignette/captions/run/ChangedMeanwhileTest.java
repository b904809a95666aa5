package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.ImageInput.KeyMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others write while a run goes on: its output, its exports, its model. */
class ChangedMeanwhileTest {
  private static final int COUNT = 10;

  @TempDir Path folder;
  private Path images;
  private RunOutput.Saved files;

  @BeforeEach
  void makeImages() {
    images = Pictures.writeMany(folder.resolve("images"), COUNT);
    files = RunOutput.Saved.to(folder.resolve("predictions.json"), KeyMode.STEM, true, null, false);
  }

  private RunResult run(HashCaptioner captioner) {
    return Runs.run(captioner, Runs.folder(images), files);
  }

  private String caption(String key) {
    return Predictions.read(files.first().path()).caption(key).orElse("none");
  }

  @Test
  void captionsThatAreWrittenByHandWhileARunGoesOnStay() {
    run(new HashCaptioner());
    Pictures.writeMany(images, COUNT + 3);
    HashCaptioner more = new HashCaptioner();
    more.before(_ -> {
      if (more.calls.size() == 1) {
        TreeMap<String, String> edited =
            new TreeMap<>(Predictions.read(files.first().path()).captions());
        edited.put("000", "Mine.");
        edited.put("elsewhere", "Mine too.");
        Predictions.ofFiles(edited).write(files.first().path());
      }
    });

    RunResult result = run(more);

    assertThat(caption("000")).isEqualTo("Mine.");
    assertThat(caption("elsewhere")).isEqualTo("Mine too.");
    assertThat(caption("%03d".formatted(COUNT + 2))).isNotEqualTo("none");
    assertThat(result.notes())
        .containsExactly(
            "Kept: 2 captions that somebody wrote into the output while this run went on.");
  }

  @Test
  void anExportThatIsCorrectedWhileARunGoesOnStays() throws IOException {
    Path coco = folder.resolve("coco.json");
    RunOutput.Saved with =
        files.with(List.of(new CaptionExport(CaptionExport.Form.COCO_RESULTS, coco)));
    Runs.run(new HashCaptioner(), Runs.folder(images), with);
    String before = Files.readString(coco);
    String corrected = before.replaceFirst("\"caption\":\"[^\\n]*\"}", "\"caption\":\"Mine.\"}");
    HashCaptioner again = new HashCaptioner(1, "other settings");
    again.before(_ -> write(coco, corrected));

    RunResult result = Runs.run(again, Runs.folder(images), with);

    assertThat(corrected).isNotEqualTo(before);
    assertThat(coco).hasContent(corrected);
    assertThat(result.exitCode()).isEqualTo(RunResult.STOPPED);
    assertThat(result.captioned()).isEqualTo(COUNT);
    assertThat(result.summary(with))
        .contains("The captions are in %s.".formatted(files.first().path()))
        .anySatisfy(line -> assertThat(line).startsWith("Stopped.").contains(coco.toString()));
  }

  @Test
  void detailsThatAreDeletedWhileARunGoesOnAreSaidAndMadeAnew() throws IOException {
    HashCaptioner deleting = new HashCaptioner();
    deleting.before(_ -> {
      if (deleting.calls.size() == 4) {
        try {
          Files.delete(files.first().details());
        } catch (IOException failure) {
          throw new UncheckedIOException(failure);
        }
      }
    });

    RunResult result = run(deleting);

    assertThat(result.exitCode()).isEqualTo(RunResult.STOPPED);
    assertThat(result.summary(files))
        .anySatisfy(line ->
            assertThat(line)
                .contains(
                    files.first().details().toString(),
                    "deleted or replaced while the run went on"));
    assertThat(run(new HashCaptioner()).exitCode()).isZero();
    assertThat(Files.readAllLines(files.first().details())).hasSize(COUNT);
  }

  @Test
  void aCaptionThatIsWrittenByHandBeforeItsImageIsCaptionedStays() {
    Predictions.ofFiles(new TreeMap<>(Map.of("elsewhere", "x"))).write(files.first().path());
    HashCaptioner slow = new HashCaptioner();
    slow.before(_ -> {
      if (slow.calls.size() == 2) {
        TreeMap<String, String> edited =
            new TreeMap<>(Predictions.read(files.first().path()).captions());
        edited.put("009", "Mine.");
        Predictions.ofFiles(edited).write(files.first().path());
      }
    });

    Runs.runSavingAlways(slow, Runs.folder(images), files);

    assertThat(caption("009")).isEqualTo("Mine.");
    RunResult later = run(new HashCaptioner());
    assertThat(later.writtenByHand()).isEqualTo(1);
    assertThat(caption("009")).isEqualTo("Mine.");
  }

  @Test
  void whatAModelSaysAfterItsFilesChangedIsNotKept() {
    HashCaptioner changing = new HashCaptioner();
    changing.before(_ ->
        changing.changed = changing.calls.size() < 4 ? "" : "m.gguf changed while it was used.");

    RunResult result = run(changing);

    assertThat(result.exitCode()).isEqualTo(RunResult.STOPPED);
    assertThat(result.captioned()).isLessThan(5);
    assertThat(result.summary(files)).contains("Stopped. m.gguf changed while it was used.");
    RunResult again = run(new HashCaptioner());
    assertThat(again.reused()).isEqualTo(result.captioned());
    assertThat(again.exitCode()).isZero();
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
