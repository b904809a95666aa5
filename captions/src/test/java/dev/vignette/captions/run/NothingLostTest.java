package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.RunOutput.SidecarText;
import dev.vignette.images.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody has made, by this program or by hand, outlives whatever happens to a run. */
class NothingLostTest {
  private static final int COUNT = 10;

  @TempDir Path folder;
  private Path images;
  private Path predictions;
  private RunOutput.Saved output;

  @BeforeEach
  void makeImages() {
    images = Pictures.writeMany(folder.resolve("images"), COUNT);
    predictions = folder.resolve("predictions.json");
    output = Runs.output(predictions);
  }

  private RunOutput.Saved withSidecars() {
    return withSidecars(false);
  }

  private RunOutput.Saved withSidecars(boolean overwrite) {
    return RunOutput.Saved.to(predictions, KeyMode.STEM, false, new SidecarText("", ""), overwrite);
  }

  private Map<String, String> captions() {
    return Predictions.read(predictions).captions();
  }

  private static List<String> keysOf(Map<String, String> captions, String end) {
    return captions.entrySet().stream()
        .filter(caption -> caption.getValue().endsWith(end))
        .map(Map.Entry::getKey)
        .toList();
  }

  private void writeByHand(String key, String caption) {
    Map<String, String> edited = new TreeMap<>(captions());
    edited.put(key, caption);
    Predictions.ofFiles(edited).write(predictions);
  }

  private static HashCaptioner interruptedAfter(int images, StopSignal stop, String settings) {
    HashCaptioner captioner = new HashCaptioner(1, settings);
    return captioner.before(_ -> {
      if (captioner.calls.size() == images) {
        stop.request();
      }
    });
  }

  // Overwriting

  @Test
  void anInterruptedOverwriteGoesOnWhenTypedAgain() {
    Runs.run(new HashCaptioner(1, "old"), Runs.folder(images), output);
    StopSignal stop = new StopSignal();
    Runs.run(
        interruptedAfter(6, stop, "new"), Runs.folder(images), Runs.overwriting(predictions), stop);
    assertThat(captions()).as("old captions stay until there are new ones").hasSize(COUNT);

    HashCaptioner again = new HashCaptioner(1, "new");
    RunResult result = Runs.run(again, Runs.folder(images), Runs.overwriting(predictions));

    assertThat(again.images()).isEqualTo(COUNT - 6);
    assertThat(result.reused()).isEqualTo(6);
    assertThat(captions()).hasSize(COUNT).allSatisfy((_, text) -> assertThat(text).endsWith("new"));
  }

  @Test
  void whatIsCorrectedByHandWhileAnOverwriteStandsStillStays() throws IOException {
    RunOutput.Saved overwriting = withSidecars(true);
    Runs.run(new HashCaptioner(1, "old"), Runs.folder(images), withSidecars());
    StopSignal stop = new StopSignal();
    Runs.run(interruptedAfter(6, stop, "new"), Runs.folder(images), overwriting, stop);
    Map<String, String> edited = new TreeMap<>(captions());
    List<String> done = keysOf(edited, "new");
    String left = keysOf(edited, "old").getFirst();
    edited.put(done.get(0), "by hand");
    edited.put(left, "by hand before its turn");
    Predictions.ofFiles(edited).write(predictions);
    Path sidecar = images.resolve(done.get(1) + ".txt");
    Files.writeString(sidecar, "a sidecar by hand");

    RunResult result = Runs.run(new HashCaptioner(1, "new"), Runs.folder(images), overwriting);

    assertThat(captions()).hasSize(COUNT).containsEntry(done.get(0), "by hand");
    assertThat(captions().get(left)).endsWith("new");
    assertThat(sidecar).hasContent("a sidecar by hand");
    assertThat(result.writtenByHand()).isEqualTo(1);
    assertThat(result.sidecarsLeft()).isEqualTo(1);
    Runs.run(new HashCaptioner(1, "new"), Runs.folder(images), overwriting);
    assertThat(captions()).allSatisfy((_, text) -> assertThat(text).endsWith("new"));
    assertThat(sidecar).content().endsWith("new");
  }

  @Test
  void anInterruptedOverwriteOfNothingGoesOnToo() {
    StopSignal stop = new StopSignal();
    Runs.run(
        interruptedAfter(9, stop, "new"), Runs.folder(images), Runs.overwriting(predictions), stop);
    assertThat(captions()).hasSize(9);
    StopSignal secondStop = new StopSignal();
    HashCaptioner again = interruptedAfter(1, secondStop, "new");

    Runs.run(again, Runs.folder(images), Runs.overwriting(predictions), secondStop);

    assertThat(again.images()).isEqualTo(1);
    assertThat(captions()).hasSize(COUNT);
  }

  @Test
  void aFinishedOverwriteBeginsAnewWhenTypedAgain() {
    Runs.run(new HashCaptioner(), Runs.folder(images), Runs.overwriting(predictions));
    HashCaptioner again = new HashCaptioner();

    Runs.run(again, Runs.folder(images), Runs.overwriting(predictions));

    assertThat(again.images()).isEqualTo(COUNT);
  }

  // Captions by hand

  @Test
  void aCaptionByHandStaysWhenItsImageCannotBeReadForAnotherSetting() throws IOException {
    Path both = Files.createDirectory(folder.resolve("both"));
    Runs.run(new HashCaptioner(), Runs.folder(images), Runs.output(both.resolve("a.json")));
    Map<String, String> edited = new TreeMap<>(Predictions.read(both.resolve("a.json")).captions());
    edited.put("003", "by hand");
    Predictions.ofFiles(edited).write(both.resolve("a.json"));
    Files.writeString(images.resolve("003.png"), "no image");
    RunOutput.Saved two = RunOutput.Saved.in(both, List.of("a", "b"), KeyMode.STEM);

    RunResult result = Runs.run(new TwoSettings(), Runs.folder(images), two);

    assertThat(result.failures()).hasSize(1);
    assertThat(Predictions.read(both.resolve("a.json")).caption("003")).contains("by hand");
    assertThat(Predictions.read(both.resolve("b.json")).captions()).doesNotContainKey("003");
  }

  @Test
  void aCaptionByHandStaysWhenItsImageCannotBeReadWhileOverwriting() throws IOException {
    Runs.run(new HashCaptioner(), Runs.folder(images), output);
    writeByHand("003", "by hand");
    Files.writeString(images.resolve("003.png"), "no image");

    assertThat(
            Runs.run(new HashCaptioner(), Runs.folder(images), Runs.overwriting(predictions))
                .exitCode())
        .isEqualTo(1);

    assertThat(captions()).containsEntry("003", "by hand");
  }

  private static final class TwoSettings implements CaptionWorkers<Integer> {
    private final HashCaptioner captioner = new HashCaptioner();

    @Override
    public Integer prepare(RgbImage image) {
      return captioner.prepare(image);
    }

    @Override
    public List<String> settings() {
      return List.of("a", "b");
    }

    @Override
    public ModelFingerprint fingerprint(String setting) {
      return captioner.fingerprint(setting);
    }

    @Override
    public CaptionWorker<Integer> open(int number) {
      return new GroupWorker<>(
          1,
          tasks ->
              tasks.stream()
                  .map(task ->
                      task.settings().stream()
                          .map(name ->
                              new CaptionDetails(
                                  "%d by %s".formatted(task.prepared(), name),
                                  List.of(),
                                  0,
                                  1,
                                  1,
                                  1))
                          .toList())
                  .toList());
    }
  }

  // One key, several images

  private Path anotherFolder(long seed) {
    Path other = folder.resolve("other");
    Pictures.write(other.resolve("004.png"), seed);
    return other;
  }

  @Test
  void anotherImageUnderAKeyIsRefusedByNameBeforeAnyWork() {
    Runs.run(new HashCaptioner(), Runs.folder(images), output);
    Path other = anotherFolder(4444);
    Map<String, String> before = captions();
    HashCaptioner captioner = new HashCaptioner();

    assertThatThrownBy(() -> Runs.run(captioner, Runs.folder(other), output))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll(
            "other images under the keys of 1",
            "004",
            images.resolve("004.png").toString(),
            other.resolve("004.png").toString(),
            "another --output");

    assertThat(captioner.calls).isEmpty();
    assertThat(captions()).isEqualTo(before);
  }

  @Test
  void anotherImageUnderAKeyIsRefusedWithPathsAsKeysAndWithSidecarsToo() {
    for (KeyMode keys : KeyMode.values()) {
      RunOutput.Saved to =
          RunOutput.Saved.to(
              folder.resolve(keys + ".json"), keys, false, new SidecarText("", ""), false);
      ImageInputs first = ImageInputs.find(List.of(images.toString()), List.of(), keys);
      Runs.run(new HashCaptioner(), first, to);
      ImageInputs second =
          ImageInputs.find(List.of(anotherFolder(4444).toString()), List.of(), keys);

      assertThatThrownBy(() -> Runs.run(new HashCaptioner(), second, to))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("other images under the keys of 1");
    }
  }

  @Test
  void aMovedFolderIsReused() throws IOException {
    Runs.run(new HashCaptioner(), Runs.folder(images), output);
    Path moved = Files.move(images, folder.resolve("moved"));
    HashCaptioner captioner = new HashCaptioner();

    assertThat(Runs.run(captioner, Runs.folder(moved), output).reused()).isEqualTo(COUNT);
    assertThat(captioner.calls).isEmpty();

    Path other = anotherFolder(4444);
    assertThatThrownBy(() -> Runs.run(captioner, Runs.folder(other), output))
        .hasMessageContaining(moved.resolve("004.png").toString());
  }

  @Test
  void anotherImageUnderAKeyReplacesTheCaptionWhenOverwriting() {
    Runs.run(new HashCaptioner(), Runs.folder(images), output);
    Path other = anotherFolder(4444);

    Runs.run(new HashCaptioner(), Runs.folder(other), Runs.overwriting(predictions));

    assertThat(captions())
        .hasSize(COUNT)
        .containsEntry("004", HashCaptioner.captionOf(other.resolve("004.png"), "greedy"));
  }

  @Test
  void anotherImageUnderAKeyThatCannotBeReadTakesNoCaption() throws IOException {
    Runs.run(new HashCaptioner(), Runs.folder(images), output);
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.createSymbolicLink(other.resolve("004.png"), folder.resolve("nowhere.png"));

    assertThat(Runs.run(new HashCaptioner(), Runs.folder(other), output).failures()).hasSize(1);

    assertThat(captions()).hasSize(COUNT).containsKey("004");
  }

  @Test
  void journalsOfVersion010AreReadAndLearnThePaths() throws IOException {
    Runs.run(new HashCaptioner(), Runs.folder(images), output);
    Path journal = output.first().journal();
    List<String> old =
        Files.readAllLines(journal).stream()
            .map(line -> line.replaceFirst(",\"path\":\"[^\"]*\"", ""))
            .toList();
    assertThat(String.join("", old)).doesNotContain("path\":\"/");
    Files.write(journal, old);
    HashCaptioner captioner = new HashCaptioner();

    assertThat(Runs.run(captioner, Runs.folder(images), output).reused()).isEqualTo(COUNT);

    assertThat(captioner.calls).isEmpty();
    assertThat(Files.readAllLines(journal))
        .hasSize(1 + COUNT)
        .last()
        .asString()
        .contains("\"path\":\"" + images.resolve("009.png") + "\"");
  }

  // Captions that say nothing

  @Test
  void anEmptyCaptionIsAFailureThatIsTriedAgain() {
    HashCaptioner mute = new HashCaptioner();
    mute.saysNothingAt(2, false);

    RunResult result = Runs.run(mute, Runs.folder(images), output);

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.line()).contains("said nothing", "002.png"));
    assertThat(captions()).hasSize(COUNT - 1).doesNotContainKey("002");
    HashCaptioner again = new HashCaptioner();
    assertThat(Runs.run(again, Runs.folder(images), output).exitCode()).isZero();
    assertThat(again.images()).isEqualTo(1);
  }

  @Test
  void anEmptyCaptionIsACaptionWhereAStopStringExplainsIt() {
    HashCaptioner stopped = new HashCaptioner();
    stopped.saysNothingAt(2, true);

    assertThat(Runs.run(stopped, Runs.folder(images), output).exitCode()).isZero();

    assertThat(captions()).containsEntry("002", " ");
    assertThat(Runs.run(new HashCaptioner(), Runs.folder(images), output).reused())
        .isEqualTo(COUNT);
  }

  // Sidecars

  @Test
  void anImageThatTurnedBadLosesItsSidecarUnlessThatIsByHand() throws IOException {
    Runs.run(new HashCaptioner(), Runs.folder(images), withSidecars());
    Files.writeString(images.resolve("003.png"), "no image");
    Files.writeString(images.resolve("004.png"), "no image");
    Files.writeString(images.resolve("004.txt"), "by hand");

    Runs.run(new HashCaptioner(), Runs.folder(images), withSidecars());

    assertThat(images.resolve("003.txt")).doesNotExist();
    assertThat(images.resolve("004.txt")).hasContent("by hand");
  }

  @Test
  void aSidecarOfAnImageThatTurnedBadIsKnownWhenItIsGoodAgain() throws IOException {
    Runs.run(new HashCaptioner(), Runs.folder(images), withSidecars());
    Path image = images.resolve("003.png");
    Files.copy(image, folder.resolve("good.png"));
    Files.writeString(image, "no image");
    Runs.run(new HashCaptioner(), Runs.folder(images), output);
    assertThat(images.resolve("003.txt")).exists();
    Files.move(folder.resolve("good.png"), image, StandardCopyOption.REPLACE_EXISTING);

    RunResult result = Runs.run(new HashCaptioner(1, "new"), Runs.folder(images), withSidecars());

    assertThat(result.sidecarsLeft()).isZero();
    assertThat(images.resolve("003.txt")).content().endsWith("new");
  }

  @Test
  void theLongestNamesHaveSidecarsToo() {
    String stem = "x".repeat(251);
    Pictures.write(images.resolve(stem + ".png"), 99);

    assertThat(Runs.run(new HashCaptioner(), Runs.folder(images), withSidecars()).exitCode())
        .isZero();

    assertThat(images.resolve(stem + ".txt")).exists();
    assertThat(images).isDirectoryNotContaining("glob:**.tmp");
  }
}
