package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.CaptionExport.Form;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.RunOutput.SidecarText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run writes no two things to one file, and nothing to an image. */
class DistinctFilesTest {
  @TempDir Path folder;

  private final HashCaptioner captioner = new HashCaptioner();

  @BeforeEach
  void makeImage() throws IOException {
    Pictures.write(folder.resolve("7.png"), 1);
  }

  private RunOutput.Saved output(@Nullable SidecarText sidecars, boolean overwrite) {
    return RunOutput.Saved.to(folder.resolve("p.json"), KeyMode.STEM, false, sidecars, overwrite);
  }

  private void assertRefused(RunOutput.Saved output, String... words) throws IOException {
    byte[] image = Files.readAllBytes(folder.resolve("7.png"));
    assertThatThrownBy(() -> Runs.run(captioner, Runs.folder(folder), output))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll(words);
    assertThat(captioner.images()).isZero();
    assertThat(folder.resolve("7.png")).hasBinaryContent(image);
  }

  @ParameterizedTest
  @CsvSource({
    "p.json, --output",
    "./p.json, --output",
    "link, --output",
    "p.json.journal, the journal of --output",
    ".p.json.journal.lock, the lock of the journal of --output",
    "p.details.jsonl, the details of --output",
    "7.png, the image",
    "7.txt, the sidecar of"
  })
  void anExportIsNoOtherFileOfTheRun(String name, String other) throws IOException {
    Files.createSymbolicLink(folder.resolve("link"), Path.of("p.json"));
    for (boolean overwrite : new boolean[] {false, true}) {
      for (Form form : Form.values()) {
        RunOutput.Saved output = output(new SidecarText("", ""), overwrite);
        assertRefused(
            output.with(List.of(new CaptionExport(form, folder.resolve(name)))),
            form.option(),
            other);
      }
    }
    assertThat(folder.resolve("p.json")).doesNotExist();
  }

  @Test
  void twoExportsAreNotOneFile() throws IOException {
    Path file = folder.resolve("e.json");
    assertRefused(
        output(null, true)
            .with(
                List.of(
                    new CaptionExport(Form.COCO_RESULTS, file),
                    new CaptionExport(Form.METADATA, file))),
        "--coco-results and --metadata");
  }

  @Test
  void captionsThatAreThereStayWhenTheirFileIsNamedForAnExport() throws IOException {
    Path predictions = folder.resolve("p.json");
    Files.writeString(predictions, "{\"other\": \"by hand\"}\n");
    assertRefused(
        output(null, true).with(List.of(new CaptionExport(Form.COCO_RESULTS, predictions))),
        "--output and --coco-results");
    assertThat(predictions).content().contains("by hand");
  }

  @Test
  void aLinkToAnImageIsNoOutput() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("p.json"), Path.of("7.png"));
    assertRefused(output(null, true), "--output", "the image");
    assertThat(link).isSymbolicLink();
  }

  @Test
  void twoSettingsAreNotOneFile() throws IOException {
    Files.createSymbolicLink(folder.resolve("b.json"), Path.of("a.json"));
    assertRefused(RunOutput.Saved.in(folder, List.of("a", "b"), KeyMode.STEM), "a.json", "b.json");
  }

  @ParameterizedTest
  @CsvSource({"p.json.journal", "p.details.jsonl"})
  void aForeignFileOfOneLineWithoutAnEndIsNotEmptied(String name) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "{\"format\": \"mine\", \"key\": 1}");
    RunOutput.Saved output =
        RunOutput.Saved.to(folder.resolve("p.json"), KeyMode.STEM, true, null, true);
    assertRefused(output, name, "begins with other text");
    assertThat(file).content().contains("mine");
  }

  @ParameterizedTest
  @CsvSource({
    "p.json.journal, '{\"format\":\"vig'",
    "p.json.journal, '{\"format\":\"vignette captions journal\",\"ver'",
    "p.details.jsonl, '{\"ke'",
    "p.details.jsonl, '{\"key\":\"7\",\"pa'",
    "p.details.jsonl, ''"
  })
  void aFirstLineTornByAKillIsMadeAnew(String name, String torn) throws IOException {
    Files.writeString(folder.resolve(name), torn);
    RunOutput.Saved output =
        RunOutput.Saved.to(folder.resolve("p.json"), KeyMode.STEM, true, null, false);
    assertThat(Runs.run(captioner, Runs.folder(folder), output).captioned()).isEqualTo(1);
    assertThat(Files.readString(folder.resolve(name))).endsWith("}\n");
  }

  @Test
  void sidecarsOfOthersInTheImagesFolderStay() throws IOException {
    Path foreign = Files.writeString(folder.resolve("8.caption"), "theirs");
    Path byHand = Files.writeString(folder.resolve("7.caption"), "by hand");
    SidecarText text = new SidecarText("", "", ".caption", Optional.of(folder));
    RunResult result = Runs.run(captioner, Runs.folder(folder), output(text, false));
    assertThat(result.sidecarsLeft()).isEqualTo(1);
    assertThat(byHand).hasContent("by hand");
    assertThat(foreign).hasContent("theirs");
  }
}
