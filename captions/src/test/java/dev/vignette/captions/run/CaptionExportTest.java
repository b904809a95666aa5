package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.CaptionExport.Form;
import java.io.IOException;
import java.io.UncheckedIOException;
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
  void aFileThatIsNoTextIsNamedAndStays() throws IOException {
    byte[] model = {'G', 'G', 'U', 'F', (byte) 0xFF, (byte) 0xFE, 0};
    Path file = Files.write(images.resolve("model.gguf"), model);
    for (Form form : Form.values()) {
      assertThatThrownBy(() -> run(form, file))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining(file + " cannot be read");
      assertThat(file).hasBinaryContent(model);
    }
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

  private void assertCorrected(Form form, Path file, String caption) {
    String corrected = content(file);
    assertThat(corrected).contains(caption);
    assertThatThrownBy(() -> run(form, file))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("of 1 of these images", "where captions written by hand stay");
    assertThat(file).hasContent(corrected);
  }

  private static String content(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Test
  void aCaptionCorrectedInAnExportIsNotReplacedUntilThePredictionsHaveIt() throws IOException {
    for (Form form : Form.values()) {
      Path predictions = folder.resolve("p.json");
      Path file = images.resolve(form + ".json");
      run(form, file);
      String made =
          Predictions.read(predictions)
              .caption("000000000007")
              .orElseThrow()
              .replace("\"", "\\\"")
              .replace("\t", "\\t");
      String word = "by hand " + form;
      Files.writeString(file, content(file).replace(made, word));
      assertCorrected(form, file, word);

      Files.writeString(predictions, content(predictions).replace(made, word));
      run(form, file);
      assertThat(content(file)).contains(word);

      Files.writeString(predictions, content(predictions).replace(word, made));
      run(form, file);
      assertThat(content(file)).contains(made).doesNotContain(word);
    }
  }

  @Test
  void whatTheLastRunExportedIsReplacedThoughItsCaptionsAreForgotten() throws IOException {
    Path file = folder.resolve("results.json");
    run(Form.COCO_RESULTS, file);
    Runs.run(new HashCaptioner(1, "beams"), Runs.folder(images), output);
    run(Form.COCO_RESULTS, file);
    assertThat(Predictions.read(file).caption("7"))
        .isEqualTo(Predictions.read(folder.resolve("p.json")).caption("000000000007"));
    Files.delete(images.resolve("000000000008.png"));
    run(Form.COCO_RESULTS, file);
    assertThat(Files.readAllLines(folder.resolve("p.json.journal")))
        .filteredOn(line -> line.contains("exported"))
        .hasSize(1);
  }

  @Test
  void anOverwritingRunReplacesCaptionsOnly() throws IOException {
    output = Runs.overwriting(folder.resolve("p.json"));
    for (Form form : Form.values()) {
      for (String other :
          List.of("GGUF\0\u0001", "a.png\nb.png\n", "{\"a\": \"caption\"}\n", "{\n}\n", "7")) {
        Path file = Files.writeString(images.resolve("other"), other);
        assertThatThrownBy(() -> run(form, file))
            .isInstanceOf(UsageException.class)
            .hasMessageContainingAll(form.option(), "holds something else");
        assertThat(file).hasContent(other);
      }
    }
    Path results = folder.resolve("results.json");
    Files.writeString(results, "[ {\"image_id\": 9, \"caption\": \"x\", \"score\": 1} ]");
    run(Form.COCO_RESULTS, results);
    Path metadata = images.resolve("metadata.jsonl");
    Files.writeString(metadata, "{\"file_name\": \"9.png\", \"text\": \"x\", \"label\": 1}\n");
    run(Form.METADATA, metadata);
    run(Form.METADATA, metadata);
    assertThat(Predictions.read(results).captions().keySet()).containsExactly("7", "42");
    assertThat(Files.readAllLines(metadata)).hasSize(2);
  }
}
