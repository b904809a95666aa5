package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.Journal.JournalHeader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumeTest {
  private static final int COUNT = 10;

  @TempDir Path folder;
  private Path images;
  private RunOutput.Saved files;

  @BeforeEach
  void makeImages() {
    images = Pictures.writeMany(folder.resolve("images"), COUNT);
    files = detailed("predictions.json");
  }

  private RunOutput.Saved detailed(String name) {
    return RunOutput.Saved.to(folder.resolve(name), KeyMode.STEM, true, null, false);
  }

  private static RunOutput.Saved overwriting(RunOutput.Saved of) {
    return RunOutput.Saved.to(of.first().path(), of.keys(), of.details(), of.sidecars(), true);
  }

  private RunResult run(HashCaptioner captioner) {
    return Runs.run(captioner, Runs.folder(images), files);
  }

  private String caption(String key) {
    return Predictions.read(files.first().path()).caption(key).orElse("none");
  }

  @Test
  void aSecondRunCaptionsNothing() throws IOException {
    run(new HashCaptioner());
    byte[] predictions = Files.readAllBytes(files.first().path());
    byte[] journal = Files.readAllBytes(files.first().journal());
    HashCaptioner again = new HashCaptioner();

    RunResult result = run(again);

    assertThat(again.calls).isEmpty();
    assertThat(result.reused()).isEqualTo(COUNT);
    assertThat(result.exitCode()).isZero();
    assertThat(files.first().path()).hasBinaryContent(predictions);
    assertThat(files.first().journal()).hasBinaryContent(journal);
  }

  @Test
  void textsThatAreNoCaptionsOfTheRunStayAndAreCounted() throws IOException {
    Files.writeString(files.first().path(), "{\"name\": \"a package\", \"version\": \"1.0\"}");

    RunResult result = run(new HashCaptioner());

    assertThat(result.others()).isEqualTo(2);
    assertThat(result.summary(files))
        .contains(
            "Kept: 2 texts in it that are captions of no image of this run and not of this program's making.");
    assertThat(caption("name")).isEqualTo("a package");
    RunOutput.Saved alone = detailed("alone.json");
    Runs.run(new HashCaptioner(), Runs.folder(images), alone);
    RunResult fewer =
        Runs.run(
            new HashCaptioner(),
            Runs.folder(Pictures.writeMany(folder.resolve("fewer"), 2)),
            alone);
    assertThat(fewer.others()).isZero();
  }

  @Test
  void linesOfTheJournalThatCannotBeReadAreSaid() throws IOException {
    run(new HashCaptioner());
    List<String> lines = new ArrayList<>(Files.readAllLines(files.first().journal()));
    lines.set(3, "garbage");
    Files.write(files.first().journal(), lines);

    RunResult result = run(new HashCaptioner());

    assertThat(result.writtenByHand()).isEqualTo(1);
    assertThat(result.notes())
        .singleElement()
        .asString()
        .startsWith("1 of the lines of " + files.first().journal() + " cannot be read.");
    assertThat(run(new HashCaptioner()).notes()).isEmpty();
  }

  @Test
  void aRunThatDiesAtAnyImageGoesOnAfterTheLastCaption() throws IOException {
    run(new HashCaptioner());
    for (int done = 0; done < COUNT; done++) {
      RunOutput.Saved killed = detailed("killed-%d.json".formatted(done));
      int most = done;
      HashCaptioner dying = new HashCaptioner();
      dying.before(_ -> {
        if (dying.calls.size() > most) {
          throw new AssertionError("killed");
        }
      });
      assertThatThrownBy(() -> Runs.run(dying, Runs.folder(images), killed)).hasMessage("killed");

      HashCaptioner second = new HashCaptioner();
      RunResult result = Runs.run(second, Runs.folder(images), killed);

      assertThat(result.reused()).isEqualTo(done);
      assertThat(second.images()).isEqualTo(COUNT - done);
      assertThat(killed.first().path()).hasSameBinaryContentAs(files.first().path());
      assertThat(killed.first().journal()).hasSameBinaryContentAs(files.first().journal());
      assertThat(sorted(killed.first().details())).isEqualTo(sorted(files.first().details()));
    }
  }

  /**
   * As a kill leaves the files: details never behind the journal, predictions never ahead of it.
   */
  @Test
  void whateverByteTheFilesEndAtTheResultIsTheSame() throws IOException {
    run(new HashCaptioner());
    byte[] journal = Files.readAllBytes(files.first().journal());
    byte[] details = Files.readAllBytes(files.first().details());
    List<String> keys = Runs.folder(images).images().stream().map(ImageInput::key).toList();
    Random random = new Random(42);
    for (int round = 0; round < 150; round++) {
      RunOutput.Saved torn = detailed("torn-%d.json".formatted(round));
      int journalBytes = random.nextInt(journal.length + 1);
      int done = Math.max(0, lines(journal, journalBytes) - 1);
      int detailsBytes = random.nextInt(endOfLine(details, done), endOfLine(details, done + 1) + 1);
      int saved = random.nextInt(done + 1);
      Files.write(torn.first().journal(), Arrays.copyOf(journal, journalBytes));
      Files.write(torn.first().details(), Arrays.copyOf(details, detailsBytes));
      if (saved > 0) {
        savePredictions(torn, keys.subList(0, saved));
      }
      List<ImageInput> shuffled = new ArrayList<>(Runs.folder(images).images());
      Collections.shuffle(shuffled, random);

      HashCaptioner captioner = new HashCaptioner(1 + random.nextInt(3), "greedy");
      Runs.run(captioner, ImageInputs.of(shuffled), torn);

      assertThat(captioner.images()).as("byte %d", journalBytes).isEqualTo(COUNT - done);
      assertThat(torn.first().path()).hasSameBinaryContentAs(files.first().path());
      assertThat(sorted(torn.first().details())).isEqualTo(sorted(files.first().details()));
      assertThat(sorted(torn.first().journal())).isEqualTo(sorted(files.first().journal()));
    }
  }

  private void savePredictions(RunOutput.Saved torn, List<String> keys) {
    TreeMap<String, String> captions = new TreeMap<>();
    keys.forEach(key -> captions.put(key, caption(key)));
    Predictions.ofFiles(captions).write(torn.first().path());
  }

  private static int lines(byte[] text, int length) {
    int lines = 0;
    for (int i = 0; i < length; i++) {
      lines += text[i] == '\n' ? 1 : 0;
    }
    return lines;
  }

  /** The length of the first {@code lines} lines of {@code text}, or of all there are. */
  private static int endOfLine(byte[] text, int lines) {
    int length = 0;
    while (length < text.length && lines(text, length) < lines) {
      length++;
    }
    return length;
  }

  private static List<String> sorted(Path file) throws IOException {
    return Files.readAllLines(file).stream().sorted().toList();
  }

  @Test
  void aJournalWithLinesOfGarbageStillCounts() throws IOException {
    run(new HashCaptioner());
    List<String> lines = new ArrayList<>(Files.readAllLines(files.first().journal()));
    lines.set(3, "\0\0\0\0");
    lines.add(5, "{\"key\": \"alone\"}");
    lines.add("[1, 2");
    Files.write(files.first().journal(), lines);
    Files.write(files.first().path(), "{}".getBytes(StandardCharsets.UTF_8));
    HashCaptioner captioner = new HashCaptioner();

    run(captioner);

    assertThat(captioner.images()).isEqualTo(1);
    assertThat(Files.readAllLines(files.first().journal())).hasSize(COUNT + 1);
    assertThat(Predictions.read(files.first().path()).captions()).hasSize(COUNT);
  }

  @Test
  void aChangedImageIsCaptionedAgainAndTheRestIsNot() throws IOException {
    run(new HashCaptioner());
    Pictures.write(images.resolve("004.png"), 4444);
    Files.setLastModifiedTime(
        images.resolve("004.png"), FileTime.from(Pictures.SETTLED.plusSeconds(1)));
    HashCaptioner captioner = new HashCaptioner();

    RunResult result = run(captioner);

    assertThat(captioner.images()).isEqualTo(1);
    assertThat(result.reused()).isEqualTo(COUNT - 1);
    assertThat(caption("004"))
        .isEqualTo(HashCaptioner.captionOf(images.resolve("004.png"), "greedy"));
    assertThat(Files.readAllLines(files.first().details())).hasSize(COUNT);
  }

  @Test
  void anImageThatWasOnlyTouchedIsKnownByItsContent() throws IOException {
    run(new HashCaptioner());
    FileTime later = FileTime.from(Pictures.SETTLED.plusSeconds(60));
    Files.setLastModifiedTime(images.resolve("004.png"), later);
    HashCaptioner captioner = new HashCaptioner();

    run(captioner);

    assertThat(captioner.calls).isEmpty();
    assertThat(Files.readString(files.first().journal()))
        .contains("\"modified\":%d,".formatted(later.toInstant().getEpochSecond() * 1_000_000_000));
  }

  @Test
  void anImageThatChangedJustNowIsNotTrustedByItsTime() throws IOException {
    FileTime now = FileTime.from(Instant.now());
    Path image = images.resolve("004.png");
    Files.setLastModifiedTime(image, now);
    run(new HashCaptioner());
    byte[] other = Files.readAllBytes(Pictures.write(folder.resolve("other.png"), 4444));
    byte[] padded = Arrays.copyOf(other, (int) Math.max(other.length, Files.size(image)));
    Files.write(image, padded);
    Files.setLastModifiedTime(image, now);
    HashCaptioner captioner = new HashCaptioner();

    run(captioner);

    assertThat(captioner.images()).isEqualTo(1);
  }

  @Test
  void otherSettingsCaptionEverythingAgain() {
    run(new HashCaptioner(1, "greedy"));
    HashCaptioner beams = new HashCaptioner(1, "beams");

    run(beams);

    assertThat(beams.images()).isEqualTo(COUNT);
    assertThat(caption("000")).endsWith("beams");
  }

  @Test
  void killedUnderOtherSettingsTheRunGoesOnUnderThem() throws IOException {
    RunOutput.Saved uninterrupted = detailed("uninterrupted.json");
    Runs.run(new HashCaptioner(1, "beams"), Runs.folder(images), uninterrupted);
    run(new HashCaptioner(1, "greedy"));
    HashCaptioner dying = new HashCaptioner(1, "beams");
    dying.before(_ -> {
      if (dying.calls.size() > 4) {
        throw new AssertionError("killed");
      }
    });
    assertThatThrownBy(() -> run(dying)).hasMessage("killed");
    HashCaptioner beams = new HashCaptioner(1, "beams");

    run(beams);

    assertThat(beams.images()).isEqualTo(COUNT - 4);
    assertThat(files.first().path()).hasSameBinaryContentAs(uninterrupted.first().path());
  }

  @Test
  void newImagesAreAddedAndCaptionsOfOthersStay() {
    run(new HashCaptioner());
    Path more = folder.resolve("more");
    Pictures.write(more.resolve("extra.png"), 99);
    HashCaptioner captioner = new HashCaptioner();

    Runs.run(captioner, Runs.folder(more), files);

    assertThat(captioner.images()).isEqualTo(1);
    assertThat(Predictions.read(files.first().path()).captions())
        .hasSize(COUNT + 1)
        .containsKeys("000", "extra");
    assertThat(run(new HashCaptioner()).reused()).isEqualTo(COUNT);
  }

  @Test
  void anImageThatWentBadLosesItsCaptionAndGetsItBack() throws IOException {
    run(new HashCaptioner());
    Path image = images.resolve("004.png");
    byte[] good = Files.readAllBytes(image);
    Files.writeString(image, "overwritten by text");

    assertThat(run(new HashCaptioner()).failures()).hasSize(1);
    assertThat(caption("004")).isEqualTo("none");
    assertThat(Files.readAllLines(files.first().details())).hasSize(COUNT - 1);

    Files.write(image, good);
    assertThat(run(new HashCaptioner()).captioned()).isEqualTo(1);
    assertThat(caption("004")).isEqualTo(HashCaptioner.captionOf(image, "greedy"));
  }

  @Test
  void captionsWithoutDetailsAreMadeAgainWhereDetailsAreWanted() throws IOException {
    Runs.run(new HashCaptioner(), Runs.folder(images), Runs.output(files.first().path()));
    assertThat(files.first().details()).doesNotExist();

    assertThat(run(new HashCaptioner()).captioned()).isEqualTo(COUNT);
    assertThat(Files.readAllLines(files.first().details())).hasSize(COUNT);
    assertThat(run(new HashCaptioner()).reused()).isEqualTo(COUNT);
  }

  @Test
  void aCaptionEditedByHandIsKeptUntilItIsOverwritten() throws IOException {
    run(new HashCaptioner());
    String before = Files.readString(files.first().path());
    Files.writeString(
        files.first().path(),
        before.replaceFirst("\"003\": \".*\"(,?)\n", "\"003\": \"My cat.\"$1\n"));
    HashCaptioner captioner = new HashCaptioner(1, "beams");

    RunResult result = run(captioner);

    assertThat(result.writtenByHand()).isEqualTo(1);
    assertThat(captioner.images()).isEqualTo(COUNT - 1);
    assertThat(caption("003")).isEqualTo("My cat.");

    Runs.run(new HashCaptioner(), Runs.folder(images), overwriting(files));
    assertThat(files.first().path()).hasContent(before);
  }

  @Test
  void predictionsOfAnotherToolAreRefusedUnlessTheyAreOfOtherImages() throws IOException {
    Files.writeString(files.first().path(), "{\"003\": \"by another tool\", \"x\": \"y\"}");

    assertThatThrownBy(() -> run(new HashCaptioner()))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("1 of these images", "(003)", "no journal", "--overwrite");
    assertThat(files.first().path()).content().contains("by another tool");
    assertThat(files.first().journal()).doesNotExist();

    Runs.run(new HashCaptioner(), Runs.folder(images), overwriting(files));
    assertThat(caption("003")).startsWith("a ");
    assertThat(caption("x")).isEqualTo("y");
  }

  @Test
  void overwritingMakesTheCaptionsOfItsImagesAgainAndNoOthers() {
    run(new HashCaptioner(1, "greedy"));
    HashCaptioner captioner = new HashCaptioner();

    Runs.run(captioner, Runs.folder(images).first(3), overwriting(files));

    assertThat(captioner.images()).isEqualTo(3);
    assertThat(Predictions.read(files.first().path()).captions()).hasSize(COUNT);
  }

  @Test
  void aKilledOverwriteGoesOnWithoutOverwriting() throws IOException {
    run(new HashCaptioner());
    byte[] predictions = Files.readAllBytes(files.first().path());
    HashCaptioner dying = new HashCaptioner();
    dying.before(_ -> {
      if (dying.calls.size() > 4) {
        throw new AssertionError("killed");
      }
    });
    assertThatThrownBy(() -> Runs.run(dying, Runs.folder(images), overwriting(files)))
        .hasMessage("killed");
    HashCaptioner captioner = new HashCaptioner();

    run(captioner);

    assertThat(captioner.images()).isEqualTo(COUNT - 4);
    assertThat(files.first().path()).hasBinaryContent(predictions);
  }

  @Test
  void otherKeysInOneFileAreRefused() {
    run(new HashCaptioner());
    RunOutput.Saved byPath =
        RunOutput.Saved.to(files.first().path(), KeyMode.PATH, false, null, false);

    assertThatThrownBy(() -> Runs.run(new HashCaptioner(), Runs.folder(images), byPath))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("kind stem", "--keys is path", "Give --keys stem");
  }

  @Test
  void twoRunsAtOnceOnOneOutputAreRefused() {
    HashCaptioner captioner = new HashCaptioner();
    List<Throwable> refusals = new ArrayList<>();
    captioner.before(_ -> {
      try {
        run(new HashCaptioner());
      } catch (UsageException refused) {
        refusals.add(refused);
      }
    });

    assertThat(run(captioner).captioned()).isEqualTo(COUNT);
    assertThat(refusals)
        .hasSize(COUNT)
        .allSatisfy(refused -> assertThat(refused).hasMessageContaining("Another run is writing"));
  }

  @Test
  void aJournalThatIsNoneIsRefused() throws IOException {
    Files.writeString(files.first().journal(), "{\"some\": \"other file\"}\n");
    assertThatThrownBy(() -> run(new HashCaptioner()))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("should be the journal");

    Files.writeString(
        files.first().journal(),
        "{\"format\": \"%s\", \"version\": \"2\", \"keys\": \"stem\"}\n"
            .formatted(JournalHeader.FORMAT));
    assertThatThrownBy(() -> run(new HashCaptioner()))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("version 2", "version 1");
  }

  @Test
  void detailsThatAreNoneAreRefused() throws IOException {
    Files.writeString(files.first().details(), "epoch,loss\n1,2\n");

    assertThatThrownBy(() -> run(new HashCaptioner()))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("should hold the details");
    assertThat(files.first().details()).hasContent("epoch,loss\n1,2\n");
  }

  @Test
  void temporaryFilesOfAKilledRunAreDeleted() throws IOException {
    Path left = Files.writeString(folder.resolve(".predictions.json.4711-3.tmp"), "{");
    Path another = Files.writeString(folder.resolve(".other.json.4711-3.tmp"), "{");

    run(new HashCaptioner());

    assertThat(left).doesNotExist();
    assertThat(another).exists();
  }
}
