package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.CaptionExport.Form;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that leaves its captions in the forms of other tools. */
class CaptionExportTest {
  @TempDir Path folder;

  private Path images;
  private RunOutput.Saved output;

  @BeforeEach
  void makeImages() throws IOException {
    images = Files.createDirectory(folder.resolve("images"));
    Pictures.write(images.resolve("COCO_val2014_000000000042.png"), 1);
    Pictures.write(images.resolve("000000000007.png"), 2);
    Files.writeString(images.resolve("000000000008.png"), "no image");
    output = Runs.output(folder.resolve("p.json"));
  }

  private RunResult run(Form form, Path file) {
    return Runs.run(
        new HashCaptioner(),
        Runs.folder(images),
        output.with(List.of(new CaptionExport(form, file))));
  }

  @Test
  void cocosResultsHaveTheCaptionsByNumber() {
    Path file = folder.resolve("results.json");
    run(Form.COCO_RESULTS, file);
    Predictions made = Predictions.read(folder.resolve("p.json"));
    Predictions results = Predictions.read(file);
    assertThat(results.keys()).isEqualTo(Predictions.Keys.IMAGE_ID);
    assertThat(results.captions().keySet()).containsExactly("7", "42");
    assertThat(results.caption("42")).isEqualTo(made.caption("COCO_val2014_000000000042"));
    assertThat(file).content().startsWith("[\n{\"image_id\":7,");
  }

  @Test
  void metadataHaveTheCaptionsByFileAndAreReplacedByTheNextRun() throws IOException {
    Path file = images.resolve("metadata.jsonl");
    run(Form.METADATA, file);
    CocoCaptions read = CocoCaptions.read(file);
    assertThat(read.byId().keySet())
        .containsExactly("000000000007.png", "COCO_val2014_000000000042.png");
    Pictures.write(images.resolve("000000000008.png"), 3);
    run(Form.METADATA, file);
    assertThat(CocoCaptions.read(file).images()).hasSize(3);
  }

  @Test
  void whatAnotherWroteIsNotReplaced() throws IOException {
    Path file = images.resolve("metadata.jsonl");
    String theirs = "{\"file_name\":\"000000000007.png\",\"text\":\"x\",\"label\":1}\n";
    Files.writeString(file, theirs);
    assertThatThrownBy(() -> run(Form.METADATA, file))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("holds more than this run would write");
    assertThat(file).hasContent(theirs);
  }

  @Test
  void imagesThatTheFormCannotNameAreRefusedBeforeTheRun() throws IOException {
    assertThatThrownBy(() -> run(Form.METADATA, folder.resolve("images2.jsonl").resolve("x")))
        .isInstanceOf(UsageException.class);
    Path elsewhere = Files.createDirectory(folder.resolve("other")).resolve("metadata.jsonl");
    assertThatThrownBy(() -> run(Form.METADATA, elsewhere))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("below its own folder");
    Pictures.write(images.resolve("cat.png"), 4);
    assertThatThrownBy(() -> run(Form.COCO_RESULTS, folder.resolve("r.json")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("cat.png");
    assertThat(folder.resolve("p.json")).doesNotExist();
  }
}
