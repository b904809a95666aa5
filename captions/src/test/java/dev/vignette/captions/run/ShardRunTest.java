package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.ImageInputs.InputRules;
import dev.vignette.captions.run.RunOutput.SidecarText;
import dev.vignette.captions.run.RunResult.Outcome;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images within WebDataset shards are captioned as files are. */
class ShardRunTest {
  /** Shards of the test that damages some; {@code -Dvignette.test.shards=10} for the full size. */
  private static final int SHARDS = Integer.getInteger("vignette.test.shards", 4);

  private static final int IMAGES = Integer.getInteger("vignette.test.shards.images", 20);

  @TempDir Path folder;

  private final HashCaptioner captioner = new HashCaptioner();

  private byte[] picture(long seed) throws IOException {
    return Files.readAllBytes(Pictures.write(folder.resolve("picture"), seed));
  }

  /** A shard of pictures {@code first}, {@code first + 1}..., each with a text. */
  private ShardMaker shard(int first, int count) throws IOException {
    ShardMaker shard = new ShardMaker();
    for (int i = first; i < first + count; i++) {
      shard.add("%05d.png".formatted(i), picture(i)).add("%05d.txt".formatted(i), "text " + i);
    }
    return shard;
  }

  private Path settled(String name, byte[] bytes) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    return Files.setLastModifiedTime(
        ShardMaker.write(folder.resolve(name), bytes), FileTime.from(Pictures.SETTLED));
  }

  private ImageInputs find(KeyMode keys, String... arguments) {
    return ImageInputs.find(
        Arrays.stream(arguments).map(argument -> folder + "/" + argument).toList(),
        List.of(),
        keys);
  }

  private static List<String> keys(ImageInputs inputs) {
    return inputs.images().stream().map(ImageInput::key).toList();
  }

  private static List<String> messages(List<Outcome.Failed> failures) {
    return failures.stream().map(Outcome.Failed::line).toList();
  }

  /** The captions of the same pictures as files. */
  private Map<String, String> ofFiles(int first, int count) throws IOException {
    Path files = Files.createDirectories(folder.resolve("files"));
    for (int i = first; i < first + count; i++) {
      Pictures.write(files.resolve("%05d.png".formatted(i)), i);
    }
    RunOutput.Saved to = Runs.output(folder.resolve("files.json"));
    Runs.run(captioner, Runs.folder(files), to);
    return new TreeMap<>(Predictions.read(folder.resolve("files.json")).captions());
  }

  private Map<String, String> captions() {
    return new TreeMap<>(Predictions.read(folder.resolve("out.json")).captions());
  }

  private RunResult run(ImageInputs inputs) {
    return Runs.run(captioner, inputs, Runs.output(folder.resolve("out.json")));
  }

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
