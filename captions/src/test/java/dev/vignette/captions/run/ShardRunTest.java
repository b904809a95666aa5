package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.ImageInputs.InputRules;
import dev.vignette.captions.run.RunOutput.SidecarText;
import dev.vignette.captions.run.RunResult.Outcome;
import dev.vignette.captions.shards.ShardMaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Images within WebDataset shards are captioned as files are. */
class ShardRunTest extends ShardRuns {
  /** Shards of the test that damages some; {@code -Dvignette.test.shards=10} for the full size. */
  private static final int SHARDS = Integer.getInteger("vignette.test.shards", 4);

  private static final int IMAGES = Integer.getInteger("vignette.test.shards.images", 20);

  @Test
  void captionsAreThoseOfTheSamePicturesAsFiles() throws IOException {
    settled("s/0.tar", shard(0, 12).bytes());
    settled("s/1.tar.gz", ShardMaker.packed(shard(12, 12).bytes()));
    settled("s/2.tgz", ShardMaker.packed(shard(24, 6).bytes()));
    ImageInputs inputs = find(KeyMode.STEM, "s/*.tar", "s/1.tar.gz", "s/2.tgz");
    assertThat(inputs.images()).hasSize(30);
    assertThat(run(inputs).failures()).isEmpty();
    assertThat(captions()).isEqualTo(ofFiles(0, 30));
  }

  @Test
  void aRerunCaptionsOnlyWhatIsNotDone() throws IOException {
    settled("s/0.tar", shard(0, 5).bytes());
    assertThat(run(find(KeyMode.STEM, "s/*.tar")).captioned()).isEqualTo(5);
    settled("s/1.tar", shard(5, 3).bytes());
    RunResult second = run(find(KeyMode.STEM, "s/*.tar"));
    assertThat(second.captioned()).isEqualTo(3);
    assertThat(second.reused()).isEqualTo(5);
  }

  @Test
  void whatIsDoneIsNotEvenReadAgain() throws IOException {
    Path shard = settled("s/0.tar", shard(0, 5).bytes());
    run(find(KeyMode.STEM, "s/0.tar"));
    ImageInputs inputs = find(KeyMode.STEM, "s/0.tar");
    byte[] noise = new byte[(int) Files.size(shard)];
    settled("s/0.tar", noise);
    assertThat(run(inputs).reused()).isEqualTo(5);
  }

  @Test
  void aShardThatWasCopiedIsKnownByWhatIsInIt() throws IOException {
    ShardMaker maker = shard(0, 5);
    settled("s/0.tar", maker.bytes());
    run(find(KeyMode.STEM, "s/0.tar"));
    settled("t/new.tar", maker.add("00005.png", picture(5)).bytes());
    RunResult moved = run(find(KeyMode.STEM, "t/new.tar"));
    assertThat(moved.reused()).isEqualTo(5);
    assertThat(moved.captioned()).isEqualTo(1);
  }

  @Test
  void anEntryWithOtherPixelsIsCaptionedAnew() throws IOException {
    Path shard = settled("s/0.tar", shard(0, 3).bytes());
    run(find(KeyMode.STEM, "s/0.tar"));
    ShardMaker other = new ShardMaker();
    for (int i = 0; i < 3; i++) {
      other.add("%05d.png".formatted(i), picture(i == 1 ? 99 : i));
    }
    ShardMaker.write(shard, other.bytes());
    RunResult second = run(find(KeyMode.STEM, "s/0.tar"));
    assertThat(second.captioned()).isEqualTo(1);
    assertThat(second.reused()).isEqualTo(2);
  }

  @Test
  void keysAreThoseOfTheSamplesOrNameTheShardToo() throws IOException {
    settled(
        "s/0.tar",
        new ShardMaker().add("val/a.seg.png", picture(1)).add("val/a.json", "{}").bytes());
    settled("s/1.tar", new ShardMaker().add("val/a.png", picture(2)).bytes());
    ImageInputs clash = find(KeyMode.STEM, "s/0.tar", "s/1.tar");
    assertThat(keys(clash)).containsExactly("val/a", "val/a");
    assertThatThrownBy(() -> run(clash))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("0.tar:val/a.seg.png")
        .hasMessageContaining("--keys path");
    assertThat(keys(find(KeyMode.PATH, "s/0.tar", "s/1.tar")))
        .containsExactly(
            folder.normalize() + "/s/0.tar/val/a.seg.png",
            folder.normalize() + "/s/1.tar/val/a.png");
  }

  @Test
  void aBadPictureFailsAloneAndIsNamedByShardAndEntry() throws IOException {
    byte[] cut = Arrays.copyOf(picture(1), 60);
    Path shard =
        settled(
            "s/0.tar",
            new ShardMaker()
                .add("a.png", picture(0))
                .add("b.jpg", cut)
                .add("c.png", "no picture")
                .add("d.png", picture(3))
                .bytes());
    RunResult result = run(find(KeyMode.STEM, "s/0.tar"));
    assertThat(captions().keySet()).containsExactly("a", "d");
    assertThat(messages(result.failures()))
        .hasSize(2)
        .allMatch(line -> line.startsWith(shard + ":"))
        .element(1)
        .asString()
        .startsWith(shard + ":c.png is not an image");
    assertThat(result.exitCode()).isEqualTo(1);
  }

  @Test
  void whatIsWholeInDamagedShardsIsCaptionedAndTheRestNamed() throws IOException {
    List<String> whole = new ArrayList<>();
    for (int number = 0; number < SHARDS; number++) {
      ShardMaker shard = shard(number * IMAGES, IMAGES);
      int bad = number * IMAGES + IMAGES / 2;
      String entry = "%05d.png".formatted(bad);
      byte[] bytes =
          switch (number) {
            case 1 -> Arrays.copyOf(shard.bytes(), shard.offset(entry) + 512 + 40);
            case 2 -> shard.withDamaged(entry);
            default -> shard.bytes();
          };
      settled("s/%02d.tar".formatted(number), bytes);
      for (int i = number * IMAGES; i < (number + 1) * IMAGES; i++) {
        boolean lost = (number == 1 && i >= bad) || (number == 2 && i == bad);
        if (!lost) {
          whole.add("%05d".formatted(i));
        }
      }
    }
    RunResult result = run(find(KeyMode.STEM, "s/*.tar"));
    Map<String, String> expected = ofFiles(0, SHARDS * IMAGES);
    expected.keySet().retainAll(whole);
    assertThat(captions()).isEqualTo(expected);
    assertThat(result.captioned()).isEqualTo(SHARDS * IMAGES - IMAGES / 2 - 1);
    assertThat(messages(result.failures()))
        .hasSize(2)
        .satisfies(lines -> {
          String cut = "%05d".formatted(IMAGES + IMAGES / 2);
          String damaged = "%05d".formatted(2 * IMAGES + IMAGES / 2);
          assertThat(lines.get(0)).contains("01.tar is cut short within the entry " + cut + ".png");
          assertThat(lines.get(1)).contains("02.tar, byte ", "\"" + damaged + ".png\"");
        });
    assertThat(result.exitCode()).isEqualTo(1);
    RunResult again = run(find(KeyMode.STEM, "s/*.tar"));
    assertThat(again.captioned()).isZero();
    assertThat(again.failures()).hasSize(2);
  }

  @Test
  void theDataOfAPackedShardIsReadOnceThoughItsPicturesComeInAnyOrder() throws IOException {
    settled("s/0.tar.gz", ShardMaker.packed(shard(0, 200).bytes()));
    ImageInputs inputs = find(KeyMode.STEM, "s/0.tar.gz");
    List<String> forwards = new ArrayList<>();
    for (ImageInput image : inputs.images()) {
      forwards.add(image.sha256());
    }
    List<String> backwards = new ArrayList<>();
    for (ImageInput image : inputs.images().reversed()) {
      backwards.addFirst(image.sha256());
    }
    assertThat(backwards).isEqualTo(forwards).doesNotHaveDuplicates();
  }

  @Test
  void whatHasNoPictureOrIsExcludedIsNoted() throws IOException {
    settled(
        "s/0.tar",
        new ShardMaker()
            .add("a.txt", "words")
            .add("b.png", picture(1))
            .add("b_thumb.png", picture(2))
            .bytes());
    settled("s/none.tar", new byte[1024]);
    InputRules rules = new InputRules(List.of("*_thumb.png"), false);
    ImageInputs inputs =
        ImageInputs.find(List.of(folder + "/s/*.tar"), List.of(), KeyMode.STEM, rules);
    assertThat(keys(inputs)).containsExactly("b");
    assertThat(inputs.notes())
        .anyMatch(note -> note.startsWith("1 of the samples of") && note.contains("no picture"))
        .anyMatch(note -> note.endsWith("none.tar has no samples."))
        .anyMatch(note -> note.contains("--exclude: 1 file"));
    assertThatThrownBy(() -> find(KeyMode.STEM, "s"))
        .hasMessageContaining("It has 2 tar files; name shards as '" + folder + "/s/*.tar'");
    assertThatThrownBy(() -> find(KeyMode.STEM, "s/x*.tar")).hasMessageContaining("no shards");
  }

  @Test
  void sidecarsGoToTheirFolderAndNowhereElse() throws IOException {
    settled("s/0.tar", shard(0, 2).bytes());
    ImageInputs inputs = find(KeyMode.STEM, "s/0.tar");
    Path out = folder.resolve("out.json");
    assertThatThrownBy(() ->
            Runs.run(
                captioner,
                inputs,
                RunOutput.Saved.to(out, KeyMode.STEM, false, new SidecarText("", ""), false)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("0.tar:00000.png lies within a shard")
        .hasMessageContaining("--sidecar-folder");
    Path texts = Files.createDirectories(folder.resolve("texts"));
    SidecarText there = new SidecarText("", "", ".txt", Optional.of(texts));
    Runs.run(captioner, inputs, RunOutput.Saved.to(out, KeyMode.STEM, false, there, false));
    assertThat(texts.resolve("00001.txt")).content().isEqualTo(captions().get("00001"));
  }

  @Test
  void anOutputThatIsTheShardIsRefused() throws IOException {
    Path shard = settled("s/0.tar", shard(0, 2).bytes());
    assertThatThrownBy(() -> Runs.run(captioner, find(KeyMode.STEM, "s/0.tar"), Runs.output(shard)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("that of the shard");
  }

  @Test
  void aShardThatBecameShorterMeanwhileFailsImageByImage() throws IOException {
    byte[] whole = shard(0, 4).bytes();
    settled("s/0.tar", whole);
    settled("s/1.tar.gz", ShardMaker.packed(shard(4, 4).bytes()));
    ImageInputs inputs = find(KeyMode.STEM, "s/0.tar", "s/1.tar.gz");
    settled("s/0.tar", Arrays.copyOf(whole, 800));
    settled("s/1.tar.gz", ShardMaker.packed(Arrays.copyOf(shard(4, 4).bytes(), 800)));
    RunResult result = run(inputs);
    assertThat(messages(result.failures()))
        .hasSize(8 - result.captioned())
        .allMatch(line ->
            line.contains("its shard has become shorter")
                || line.contains("its shard changed while the run went on"));
    assertThat(result.captioned()).isZero();
  }

  private static List<String> messages(List<Outcome.Failed> failures) {
    return failures.stream().map(Outcome.Failed::line).toList();
  }
}
