package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.ImageInputs.InputRules;
import dev.vignette.captions.shards.ShardMaker;
import dev.vignette.captions.shards.WebDatasetShard;
import dev.vignette.captions.shards.WebDatasetShard.Item;
import dev.vignette.captions.shards.WebDatasetShard.Sample;
import dev.vignette.files.ContentHash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shards are written again with the captions of a run, and nothing in them is lost. */
class WrittenShardRunTest extends ShardRuns {
  private RunOutput.Saved shards(Path to, boolean overwrite) {
    return RunOutput.Saved.to(folder.resolve("out.json"), KeyMode.STEM, false, null, overwrite)
        .with(new ShardExport(to, ".txt"));
  }

  /** The captions in a shard that was written, by key. */
  private static Map<String, String> texts(Path shard) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    try (WebDatasetShard reading = WebDatasetShard.open(shard)) {
      for (Optional<Item> item = reading.next(); item.isPresent(); item = reading.next()) {
        Sample sample = (Sample) item.get();
        sample
            .bytes("txt")
            .ifPresent(text -> texts.put(sample.key(), new String(text, StandardCharsets.UTF_8)));
      }
    }
    return texts;
  }

  @Test
  void shardsAreWrittenAgainWithTheirCaptionsAndOnlyOnce() throws IOException {
    settled("s/0.tar", shard(0, 5).bytes());
    settled("s/1.tar.gz", ShardMaker.packed(shard(5, 5).bytes()));
    Path to = Files.createDirectories(folder.resolve("to"));
    Runs.run(captioner, find(KeyMode.STEM, "s/0.tar", "s/1.tar.gz"), shards(to, false));
    Map<String, String> all = new TreeMap<>(texts(to.resolve("0.tar")));
    all.putAll(texts(to.resolve("1.tar.gz")));
    assertThat(all).isEqualTo(captions()).hasSize(10);

    FileTime first = Files.getLastModifiedTime(to.resolve("0.tar"));
    Object file = Files.getAttribute(to.resolve("0.tar"), "unix:ino");
    Files.delete(to.resolve("1.tar.gz"));
    Runs.run(captioner, find(KeyMode.STEM, "s/0.tar", "s/1.tar.gz"), shards(to, false));
    assertThat(Files.getLastModifiedTime(to.resolve("0.tar"))).isEqualTo(first);
    assertThat(Files.getAttribute(to.resolve("0.tar"), "unix:ino")).isEqualTo(file);
    assertThat(texts(to.resolve("1.tar.gz"))).hasSize(5);
  }

  @Test
  void aShardIsWrittenByOneRunAtATimeAndRunsOfOtherShardsShareTheFolder() throws IOException {
    settled("s/0.tar", shard(0, 5).bytes());
    settled("s/1.tar", shard(5, 5).bytes());
    Path to = Files.createDirectories(folder.resolve("to"));
    RunOutput.Saved other =
        Runs.output(folder.resolve("other.json")).with(new ShardExport(to, ".txt"));
    List<String> refusals = new ArrayList<>();
    HashCaptioner during = new HashCaptioner();
    during.before(_ -> {
      if (refusals.isEmpty()) {
        assertThatThrownBy(() -> Runs.run(captioner, find(KeyMode.STEM, "s/0.tar"), other))
            .isInstanceOf(UsageException.class)
            .satisfies(refusal -> refusals.add(refusal.getMessage()));
        Runs.run(captioner, find(KeyMode.STEM, "s/1.tar"), other);
      }
    });

    Runs.run(during, find(KeyMode.STEM, "s/0.tar"), shards(to, false));

    assertThat(refusals).singleElement().asString().contains("Another run", "--webdataset");
    assertThat(texts(to.resolve("0.tar"))).isEqualTo(captions()).hasSize(5);
    assertThat(texts(to.resolve("1.tar"))).hasSize(5);
  }

  @Test
  void aShardIsWrittenWhenItsImagesAreDoneAndTheOthersByTheNextRun() throws IOException {
    settled("s/0.tar", shard(0, 5).bytes());
    settled("s/1.tar", shard(5, 5).bytes());
    Path to = Files.createDirectories(folder.resolve("to"));
    StopSignal stop = new StopSignal();
    HashCaptioner stopping = new HashCaptioner();
    stopping.before(_ -> {
      if (stopping.images() == 7) {
        stop.request();
      }
    });
    Runs.run(stopping, find(KeyMode.STEM, "s/*.tar"), shards(to, false), stop);
    assertThat(to.resolve("0.tar")).exists();
    assertThat(to.resolve("1.tar")).doesNotExist();
    Runs.run(captioner, find(KeyMode.STEM, "s/*.tar"), shards(to, false));
    assertThat(texts(to.resolve("1.tar"))).hasSize(5);
  }

  @Test
  void aShardThatWasChangedByHandIsNotReplaced() throws IOException {
    settled("s/0.tar", shard(0, 2).bytes());
    Path to = Files.createDirectories(folder.resolve("to"));
    Path foreign = Files.writeString(to.resolve("0.tar"), "a diary");
    for (boolean overwrite : new boolean[] {false, true}) {
      assertThatThrownBy(
              () -> Runs.run(captioner, find(KeyMode.STEM, "s/*.tar"), shards(to, overwrite)))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("is not what this program wrote");
    }
    ShardMaker.write(foreign, shard(0, 2).bytes());
    assertThatThrownBy(() -> Runs.run(captioner, find(KeyMode.STEM, "s/*.tar"), shards(to, false)))
        .hasMessageContaining("--overwrite");
    Runs.run(captioner, find(KeyMode.STEM, "s/*.tar"), shards(to, true));
    assertThat(texts(foreign)).isEqualTo(captions());
  }

  @Test
  void aShardIsNotWrittenOverItself() throws IOException {
    Path shard = settled("s/0.tar", shard(0, 2).bytes());
    byte[] before = Files.readAllBytes(shard);
    assertThatThrownBy(() ->
            Runs.run(
                captioner, find(KeyMode.STEM, "s/*.tar"), shards(shard.resolveSibling(""), true)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("that of the shard");
    assertThat(shard).hasBinaryContent(before);
  }

  @Test
  void withoutShardsThereIsNoneToWrite() throws IOException {
    Pictures.write(folder.resolve("one.png"), 1);
    assertThatThrownBy(
            () -> Runs.run(captioner, find(KeyMode.STEM, "one.png"), shards(folder, false)))
        .hasMessageContaining("none of these images lies within one");
  }

  @Test
  void aShardWhoseWritingWasKilledIsWrittenByTheNextRun() throws IOException {
    settled("s/0.tar", shard(0, 3).bytes());
    Path to = Files.createDirectories(folder.resolve("to"));
    run(find(KeyMode.STEM, "s/*.tar"));
    Path target = to.resolve("0.tar");
    try (Journal journal = Journal.open(folder.resolve("out.json.journal"), KeyMode.STEM)) {
      journal.append(
          new JournalLine.Exported(
              target.toString(), "begun nothing " + ContentHash.of(new byte[1024])));
    }
    ShardMaker.write(target, new byte[1024]); // renamed, but the journal did not hear of it
    Path left = Files.writeString(to.resolve(".0.tar.1-1.tmp"), "half a shard");
    Runs.run(captioner, find(KeyMode.STEM, "s/*.tar"), shards(to, false));
    assertThat(texts(target)).isEqualTo(captions()).hasSize(3);
    assertThat(left).doesNotExist();
  }

  @Test
  void whatSomebodyPutsWhereAShardWasBeingWrittenStays() throws IOException {
    settled("s/0.tar", shard(0, 3).bytes());
    Path to = Files.createDirectories(folder.resolve("to"));
    run(find(KeyMode.STEM, "s/*.tar"));
    Path target = to.resolve("0.tar");
    Files.writeString(target, "precious");
    String digest = "0".repeat(64);
    for (String said : List.of("begun", "begun nothing", "begun nothing " + digest)) {
      try (Journal journal = Journal.open(folder.resolve("out.json.journal"), KeyMode.STEM)) {
        journal.append(new JournalLine.Exported(target.toString(), said));
      }
      assertThatThrownBy(
              () -> Runs.run(captioner, find(KeyMode.STEM, "s/*.tar"), shards(to, false)))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("is not what this program wrote there last");
    }
    assertThat(target).hasContent("precious");
  }

  @Test
  void whatSomebodyPutsInTheWayOfAShardWhileARunGoesOnStays() throws IOException {
    settled("s/0.tar", shard(0, 3).bytes());
    Path to = Files.createDirectories(folder.resolve("to"));
    Path target = to.resolve("0.tar");
    captioner.before(_ -> ShardMaker.write(target, new byte[1024]));
    RunResult result = Runs.run(captioner, find(KeyMode.STEM, "s/*.tar"), shards(to, false));
    assertThat(result.exitCode()).isEqualTo(RunResult.STOPPED);
    assertThat(target).hasBinaryContent(new byte[1024]);
  }

  @Test
  void aCaptionCorrectedByHandGoesIntoItsShardOnly() throws IOException {
    settled("s/0.tar", shard(0, 3).bytes());
    settled("s/1.tar", shard(3, 3).bytes());
    Path to = Files.createDirectories(folder.resolve("to"));
    Runs.run(captioner, find(KeyMode.STEM, "s/*.tar"), shards(to, false));
    Object other = Files.getAttribute(to.resolve("0.tar"), "unix:ino");
    Map<String, String> corrected = captions();
    corrected.put("00004", "A correction.");
    Predictions.ofFiles(corrected).write(folder.resolve("out.json"));
    Runs.run(captioner, find(KeyMode.STEM, "s/*.tar"), shards(to, false));
    assertThat(texts(to.resolve("1.tar"))).containsEntry("00004", "A correction.");
    assertThat(Files.getAttribute(to.resolve("0.tar"), "unix:ino")).isEqualTo(other);
  }

  @ParameterizedTest
  @EnumSource(KeyMode.class)
  void aRunOverFewerImagesLeavesTheCaptionsOfPicturesThatAreStillThereInTheirShard(KeyMode keys)
      throws IOException {
    settled("s/0.tar", shard(0, 4).bytes());
    Path to = Files.createDirectories(folder.resolve("to"));
    Runs.run(captioner, find(keys, "s/0.tar"), shards(to, false));
    Map<String, String> before = texts(to.resolve("0.tar"));
    ShardMaker changed = shard(0, 2).add("00002.png", picture(8)).add("00004.png", picture(9));
    settled("s/0.tar", changed.bytes());
    InputRules rules = new InputRules(List.of("0000[0-3]*"), false);
    ImageInputs fewer = ImageInputs.find(List.of(folder + "/s/0.tar"), List.of(), keys, rules);
    assertThat(fewer.images()).hasSize(1);
    Runs.run(captioner, fewer, shards(to, false));
    assertThat(texts(to.resolve("0.tar")))
        .containsOnlyKeys("00000", "00001", "00004")
        .containsEntry("00000", before.get("00000"))
        .containsEntry("00001", before.get("00001"));
  }

  @Test
  void captionsInAShardStayThoughTheJournalDoesNotKnowThemOrTheShardCameElsewhere()
      throws IOException {
    settled("s/0.tar", shard(0, 4).bytes());
    Path to = Files.createDirectories(folder.resolve("to"));
    InputRules fewer = new InputRules(List.of("0000[0-2]*"), false);
    ImageInputs first =
        ImageInputs.find(List.of(folder + "/s/0.tar"), List.of(), KeyMode.STEM, fewer);
    Runs.run(captioner, first, shards(to, false));
    Map<String, String> byHand = captions();
    byHand.put("00001", "By hand.");
    Predictions.ofFiles(byHand).write(folder.resolve("out.json"));
    Runs.run(captioner, find(KeyMode.STEM, "s/0.tar"), shards(to, false));
    Map<String, String> before = texts(to.resolve("0.tar"));
    assertThat(before).hasSize(4).containsEntry("00001", "By hand.");
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("s"));
    for (Path shard : List.of(link.resolve("0.tar"), folder.resolve("s/0.tar"))) {
      ImageInputs one = ImageInputs.find(List.of(shard.toString()), List.of(), KeyMode.STEM, fewer);
      assertThat(keys(one)).containsExactly("00003");
      Runs.run(captioner, one, shards(to, true));
      assertThat(texts(to.resolve("0.tar"))).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aShardThatIsReplacedWhileARunGoesOnHasNoCaptionsOfOtherPictures(boolean packed)
      throws IOException {
    String name = packed ? "s/0.tar.gz" : "s/0.tar";
    byte[] old = shard(0, 6).bytes();
    ShardMaker others = new ShardMaker();
    for (int i = 0; i < 6; i++) {
      others
          .add("%05d.png".formatted(i), picture(100 + i))
          .add("%05d.txt".formatted(i), "text " + i);
    }
    settled(name, packed ? ShardMaker.packed(old) : old);
    Path next = settled("next.tar", packed ? ShardMaker.packed(others.bytes()) : others.bytes());
    Files.setLastModifiedTime(next, FileTime.from(Pictures.SETTLED.plusSeconds(60)));
    Path to = Files.createDirectories(folder.resolve("to"));
    HashCaptioner moving = new HashCaptioner();
    moving.before(_ -> {
      if (moving.images() == 3 && Files.exists(next)) {
        try {
          Files.move(next, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
          throw new UncheckedIOException(failure);
        }
      }
    });
    RunResult result = Runs.run(moving, find(KeyMode.STEM, name), shards(to, false));
    assertThat(result.exitCode()).isNotZero();
    assertThat(to.resolve(Path.of(name).getFileName())).doesNotExist();

    Runs.run(captioner, find(KeyMode.STEM, name), shards(to, false));
    Files.createDirectories(folder.resolve("files"));
    for (int i = 0; i < 6; i++) {
      Pictures.write(folder.resolve("files/%05d.png".formatted(i)), 100 + i);
    }
    Runs.run(
        captioner,
        Runs.folder(folder.resolve("files")),
        RunOutput.Saved.to(folder.resolve("files.json"), KeyMode.STEM, false, null, false));
    assertThat(texts(to.resolve(Path.of(name).getFileName())))
        .isEqualTo(Predictions.read(folder.resolve("files.json")).captions());
  }

  @Test
  void aShardOfAnotherFolderOrWithAnotherExtensionIsNoneOfThisRuns() throws IOException {
    settled("a/0.tar", shard(0, 2).bytes());
    settled("b/0.tar", shard(2, 2).bytes());
    Path to = Files.createDirectories(folder.resolve("to"));
    Runs.run(captioner, find(KeyMode.PATH, "a/0.tar"), shards(to, false));
    Map<String, String> before = texts(to.resolve("0.tar"));
    assertThatThrownBy(() -> Runs.run(captioner, find(KeyMode.PATH, "b/0.tar"), shards(to, false)))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("was written from", "a/0.tar", "--overwrite");
    RunOutput.Saved caption = shards(to, false).with(new ShardExport(to, ".caption"));
    assertThatThrownBy(() -> Runs.run(captioner, find(KeyMode.PATH, "a/0.tar"), caption))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("has captions as .txt", "--webdataset-extension .txt");
    assertThat(texts(to.resolve("0.tar"))).isEqualTo(before).hasSize(2);
    Files.move(folder.resolve("a"), folder.resolve("moved"));
    Runs.run(captioner, find(KeyMode.PATH, "moved/0.tar"), shards(to, false));
    assertThat(texts(to.resolve("0.tar"))).isEqualTo(before);
  }

  @Test
  void captionsOfOtherSettingsStayInTheirShardThoughItHasTextsOfItsOwn() throws IOException {
    settled("s/0.tar", shard(0, 4).bytes());
    Path to = Files.createDirectories(folder.resolve("to"));
    Runs.run(captioner, find(KeyMode.STEM, "s/0.tar"), shards(to, false));
    Map<String, String> before = texts(to.resolve("0.tar"));
    HashCaptioner other = new HashCaptioner(1, "other settings");
    Runs.run(other, find(KeyMode.STEM, "s/0.tar"), Runs.output(folder.resolve("out.json")));
    ImageInputs one =
        ImageInputs.find(
            List.of(folder + "/s/0.tar"),
            List.of(),
            KeyMode.STEM,
            new InputRules(List.of("0000[0-2]*"), false));
    Runs.run(other, one, shards(to, false));
    Map<String, String> after = texts(to.resolve("0.tar"));
    assertThat(after.get("00003")).isEqualTo(captions().get("00003"));
    for (String key : List.of("00000", "00001", "00002")) {
      assertThat(after.get(key)).isEqualTo(before.get(key)).isNotEqualTo(captions().get(key));
    }
  }

  @Test
  void aShardThatWasCutShortDoesNotReplaceTheWholeOneThatWasWritten() throws IOException {
    byte[] whole = shard(0, 4).bytes();
    settled("s/0.tar", whole);
    Path to = Files.createDirectories(folder.resolve("to"));
    Runs.run(captioner, find(KeyMode.STEM, "s/0.tar"), shards(to, false));
    byte[] written = Files.readAllBytes(to.resolve("0.tar"));
    settled("s/0.tar", Arrays.copyOf(whole, whole.length / 2));
    RunResult result = Runs.run(captioner, find(KeyMode.STEM, "s/0.tar"), shards(to, false));
    assertThat(result.exitCode()).isEqualTo(RunResult.STOPPED);
    assertThat(result.status().toString()).contains("is damaged and lacks pictures that");
    assertThat(to.resolve("0.tar")).hasBinaryContent(written);
  }

  @Test
  void aTextOfTheShardsOwnIsNotKeptInThePlaceOfItsCorrection() throws IOException {
    settled("s/0.tar", shard(0, 3).bytes());
    Path to = Files.createDirectories(folder.resolve("to"));
    InputRules rules = new InputRules(List.of("0000[1-2]*"), false);
    List<String> arguments = List.of(folder + "/s/0.tar");
    ImageInputs fewer = ImageInputs.find(arguments, List.of(), KeyMode.STEM, rules);
    Runs.run(captioner, fewer, shards(to, false));
    assertThat(texts(to.resolve("0.tar"))).containsEntry("00002", "text 2");
    ShardMaker corrected = shard(0, 2).add("00002.png", picture(2)).add("00002.txt", "corrected");
    Files.setLastModifiedTime(
        settled("s/0.tar", corrected.bytes()), FileTime.from(Pictures.SETTLED.plusSeconds(60)));
    ImageInputs again = ImageInputs.find(arguments, List.of(), KeyMode.STEM, rules);
    Runs.run(captioner, again, shards(to, false));
    assertThat(texts(to.resolve("0.tar"))).containsEntry("00002", "corrected");
  }
}
