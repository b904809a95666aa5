package dev.vignette.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.captions.Predictions;
import dev.vignette.captions.shards.ShardMaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tar shards as a user names them. */
class ShardCommandTest {
  private static final Path IMAGES = ProgramRun.ROOT.resolve("models/mini/data/images/val");
  private static final List<String> KEYS = List.of("000000000001", "000000000002");

  @TempDir private Path folder;
  private Path shard;

  @BeforeEach
  void makeShard() throws IOException {
    ShardMaker maker = new ShardMaker();
    for (String key : KEYS) {
      maker.add(key + ".jpg", Files.readAllBytes(IMAGES.resolve(key + ".jpg")));
      maker.add(key + ".txt", "what the web said");
    }
    shard = maker.write(folder.resolve("0.tar"));
  }

  @Test
  void aShardIsCaptionedAsItsFilesAreAndWrittenAgain() throws IOException {
    Path to = Files.createDirectory(folder.resolve("to"));
    String output = folder.resolve("shard.json").toString();
    String pattern = folder + "/*.tar";
    ProgramRun run =
        ProgramRun.of("llava", "caption", pattern, "-o", output, "--webdataset", to.toString());
    assertThat(run.code()).as(run.err()).isZero();

    String files = folder.resolve("files.json").toString();
    ProgramRun.of(
        "llava",
        "caption",
        IMAGES.resolve(KEYS.get(0) + ".jpg").toString(),
        IMAGES.resolve(KEYS.get(1) + ".jpg").toString(),
        "-o",
        files);
    assertThat(Predictions.read(Path.of(output))).isEqualTo(Predictions.read(Path.of(files)));

    ProgramRun eval =
        ProgramRun.of(
            "eval",
            "--predictions",
            output,
            "--annotations",
            to.resolve("0.tar").toString(),
            "--metrics",
            "bleu-1");
    assertThat(eval.code()).as(eval.err()).isZero();
    assertThat(eval.out()).containsPattern("BLEU-1 +1\\.000");
  }

  @Test
  void theOnlyImageOfAShardIsPrinted() {
    ProgramRun run = ProgramRun.of("llava", "caption", shard.toString(), "--limit", "1");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).isEqualToIgnoringNewLines("A truck parked at night.");
  }

  @Test
  void severalImagesArePrintedWithTheirPlaces() {
    ProgramRun run = ProgramRun.of("llava", "caption", shard.toString());
    assertThat(run.out().lines()) // as they become done
        .hasSize(2)
        .contains(shard + ":000000000001.jpg\tA truck parked at night.");
  }

  @Test
  void whatShowsItsImagesTakesFiles() {
    ProgramRun run =
        ProgramRun.of(
            "llava",
            "compare",
            shard.toString(),
            "--annotations",
            shard.toString(),
            "--output",
            folder.resolve("comparison").toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("the page of the comparison shows them", "0.tar:000000000001.jpg");
  }

  @Test
  void aCaptionTakesThePlaceOfNoPictureAndOfNoMetadata() throws Exception {
    Path to = Files.createDirectory(folder.resolve("captioned"));
    for (String extension :
        List.of(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tiff")) {
      ProgramRun run = writing(to, extension);
      assertThat(run.code()).as(extension).isEqualTo(2);
      assertThat(run.err()).contains("Captions as " + extension, "the place of the pictures");
    }
    assertThat(writing(to, ".seg.png").code()).isEqualTo(2);
    ProgramRun json = writing(to, ".json");
    assertThat(json.code()).isEqualTo(2);
    assertThat(json.err()).contains("what the shards' .json say", "--webdataset-extension");
    assertThat(to).isEmptyDirectory();
  }

  private ProgramRun writing(Path to, String extension) {
    return ProgramRun.of(
        "llava",
        "caption",
        shard.toString(),
        "--output",
        folder.resolve("written.json").toString(),
        "--webdataset",
        to.toString(),
        "--webdataset-extension",
        extension);
  }

  @Test
  void anExtensionWithoutShardsIsRefused() {
    ProgramRun run =
        ProgramRun.of("llava", "caption", shard.toString(), "--webdataset-extension", ".caption");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--webdataset was not given");
  }
}
