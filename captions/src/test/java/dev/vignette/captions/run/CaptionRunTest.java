package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.captions.run.RunPlan.RunSettings;
import dev.vignette.captions.run.RunResult.Outcome;
import dev.vignette.captions.run.RunResult.RunStatus;
import dev.vignette.captions.run.RunResult.RunTimings;
import dev.vignette.images.RgbImage;
import dev.vignette.images.RgbImage.ImageReadOptions;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptionRunTest {
  private static final int COUNT = 12;

  @TempDir Path folder;
  private Path images;
  private RunOutput.Saved files;

  @BeforeEach
  void makeImages() {
    images = Pictures.writeMany(folder.resolve("images"), COUNT);
    files = Runs.output(folder.resolve("predictions.json"));
  }

  private RunOutput.Saved files(String name) {
    return Runs.output(folder.resolve(name));
  }

  @Test
  void aLinkThatLeadsNowhereIsSaidInWords() throws IOException {
    Path link = Files.createSymbolicLink(images.resolve("gone.png"), Path.of("nowhere.png"));

    RunResult result = Runs.run(new HashCaptioner(), Runs.folder(images), files);

    assertThat(result.failures())
        .singleElement()
        .satisfies(failure ->
            assertThat(failure.line())
                .contains(link + " is a link that leads nowhere")
                .doesNotContain("java."));
  }

  @Test
  void everyImageGetsTheCaptionOfItsPixels() {
    RunResult result = Runs.run(new HashCaptioner(), Runs.folder(images), files);

    assertThat(result.captioned()).isEqualTo(COUNT);
    assertThat(result.failures()).isEmpty();
    assertThat(result.status()).isEqualTo(new RunStatus.Completed());
    assertThat(result.exitCode()).isZero();
    Predictions predictions = Predictions.read(files.first().path());
    assertThat(predictions.captions()).hasSize(COUNT);
    for (ImageInput image : Runs.folder(images).images()) {
      assertThat(predictions.caption(image.key()))
          .contains(HashCaptioner.captionOf(image.path(), "greedy"));
    }
  }

  @Test
  void neitherOrderNorBatchSizeChangesAByteOfThePredictions() throws IOException {
    Runs.run(new HashCaptioner(), Runs.folder(images), files);
    for (int batchSize = 1; batchSize <= COUNT + 1; batchSize++) {
      List<ImageInput> shuffled = new ArrayList<>(Runs.folder(images).images());
      Collections.shuffle(shuffled, new Random(batchSize));
      HashCaptioner captioner = new HashCaptioner(batchSize, "greedy");
      RunOutput.Saved other = files("batch-%d.json".formatted(batchSize));

      Runs.run(captioner, ImageInputs.of(shuffled), other);

      assertThat(captioner.calls).hasSize(Math.ceilDiv(COUNT, batchSize));
      assertThat(other.first().path()).hasSameBinaryContentAs(files.first().path());
    }
  }

  @Test
  void badImagesAreListedAndTheRestGoOn() throws IOException {
    byte[] whole = Files.readAllBytes(images.resolve("003.png"));
    Files.write(images.resolve("003.png"), Arrays.copyOf(whole, whole.length / 2));
    Files.write(images.resolve("005.png"), new byte[0]);
    Files.writeString(images.resolve("text.png"), "no image at all");
    Files.createSymbolicLink(images.resolve("gone.png"), images.resolve("nowhere.png"));

    RunResult result = Runs.run(new HashCaptioner(), Runs.folder(images), files);

    assertThat(result.failures())
        .extracting(failure -> failure.image().key())
        .containsExactly("003", "005", "gone", "text");
    assertThat(result.failures())
        .allSatisfy(failure -> assertThat(failure.line()).contains(failure.image().path() + ""));
    assertThat(result.captioned()).isEqualTo(COUNT - 2);
    assertThat(result.remaining()).isZero();
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(Predictions.read(files.first().path()).captions())
        .hasSize(COUNT - 2)
        .doesNotContainKeys("003", "005", "gone", "text");
  }

  @Test
  void anImageOverTheLimitIsListedAndOneOverWhatIsDecodedTogetherIsNot() throws IOException {
    int width = 1 << 13;
    int height = (int) (ImagePreparation.MOST_PIXELS_TOGETHER / width) + 1;
    ImageIO.write(
        new BufferedImage(width, height, BufferedImage.TYPE_BYTE_BINARY),
        "png",
        images.resolve("large.png").toFile());

    assertThat(Runs.run(new HashCaptioner(), Runs.folder(images), files).captioned())
        .isEqualTo(COUNT + 1);

    RunResult limited =
        Runs.run(
            new HashCaptioner(),
            Runs.folder(images),
            files("limited.json"),
            RunSettings.defaults().withReading(ImageReadOptions.DEFAULT.withMaxPixels(1_000_000)),
            new StopSignal());
    assertThat(limited.failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.message()).contains("large.png", "1000000"));
  }

  @Test
  void anImageThatTheModelFailsOnIsListedAndItsBatchIsNot() {
    HashCaptioner captioner = new HashCaptioner(4, "greedy");
    captioner.before(hashes -> {
      Integer bad = captioner.calls.getFirst().get(2);
      if (hashes.contains(bad)) {
        throw new IllegalStateException("decode returned -3");
      }
    });

    RunResult result = Runs.run(captioner, Runs.folder(images), files);

    assertThat(result.captioned()).isEqualTo(COUNT - 1);
    assertThat(result.failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.line()).endsWith("002.png: decode returned -3"));
  }

  @Test
  void aCaptionerThatGivesTooFewCaptionsIsAFailureOfItsImages() {
    CaptionWorkers<Integer> half =
        new CaptionWorkers<>() {
          @Override
          public Integer prepare(RgbImage image) {
            return 0;
          }

          @Override
          public CaptionWorker<Integer> open(int number) {
            return new GroupWorker<>(1, _ -> List.of(List.of()));
          }

          @Override
          public ModelFingerprint fingerprint(String setting) {
            return new HashCaptioner().fingerprint(setting);
          }
        };

    assertThat(Runs.run(half, Runs.folder(images), files).failures())
        .hasSize(COUNT)
        .allSatisfy(failure -> assertThat(failure.message()).contains("gave 0 for 1"));
  }

  @Test
  void aModelThatFailsOnEverythingStopsTheRunWithTheRestSaved() {
    Pictures.writeMany(images, 60);
    HashCaptioner captioner = new HashCaptioner();
    captioner.before(_ -> {
      if (captioner.calls.size() > 5) {
        throw new IllegalStateException("out of device memory");
      }
    });

    RunResult result = Runs.run(captioner, Runs.folder(images), files);

    assertThat(result.status())
        .isInstanceOfSatisfying(
            RunStatus.Stopped.class,
            stopped ->
                assertThat(stopped.reason())
                    .contains("20 images in a row", "out of device memory"));
    assertThat(result.failures()).hasSize(20);
    assertThat(result.remaining()).isEqualTo(60 - 25);
    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(Predictions.read(files.first().path()).captions()).hasSize(5);
  }

  @Test
  void anErrorEndsTheRunWithTheJournalKept() {
    HashCaptioner captioner = new HashCaptioner();
    captioner.before(_ -> {
      if (captioner.calls.size() > 4) {
        throw new AssertionError("a bug");
      }
    });

    assertThatThrownBy(() -> Runs.run(captioner, Runs.folder(images), files))
        .isInstanceOf(AssertionError.class)
        .hasMessage("a bug");

    HashCaptioner again = new HashCaptioner();
    assertThat(Runs.run(again, Runs.folder(images), files).reused()).isEqualTo(4);
    assertThat(again.images()).isEqualTo(COUNT - 4);
  }

  @Test
  void theStopSignalEndsTheRunAfterTheImageInHand() {
    StopSignal stop = new StopSignal();
    HashCaptioner captioner = new HashCaptioner();
    captioner.before(_ -> {
      if (captioner.calls.size() == 5) {
        stop.request();
      }
    });

    RunResult result = Runs.run(captioner, Runs.folder(images), files, stop);

    assertThat(result.status()).isEqualTo(new RunStatus.Interrupted());
    assertThat(result.exitCode()).isEqualTo(130);
    assertThat(result.captioned()).isEqualTo(5);
    assertThat(result.remaining()).isEqualTo(COUNT - 5);
    assertThat(Predictions.read(files.first().path()).captions()).hasSize(5);
  }

  @Test
  void aStopSignalAtTheLastImageLeavesTheRunComplete() {
    StopSignal stop = new StopSignal();
    HashCaptioner captioner = new HashCaptioner(COUNT, "greedy").before(_ -> stop.request());

    assertThat(Runs.run(captioner, Runs.folder(images), files, stop).exitCode()).isZero();
  }

  @Test
  void aStopSignalWhileABatchIsTriedOneByOneLeavesTheRestOut() {
    StopSignal stop = new StopSignal();
    HashCaptioner captioner =
        new HashCaptioner(COUNT, "greedy")
            .before(hashes -> {
              if (hashes.size() > 1) {
                throw new IllegalStateException("too many at once");
              }
              stop.request();
            });

    RunResult result = Runs.run(captioner, Runs.folder(images), files, stop);

    assertThat(result.captioned()).isEqualTo(1);
    assertThat(result.status()).isEqualTo(new RunStatus.Interrupted());
  }

  @Test
  void oneImageWithoutOutputIsPrintedAloneAndSeveralWithTheirPaths() {
    Path first = images.resolve("000.png");
    StringWriter printed = new StringWriter();

    Runs.run(
        new HashCaptioner(1, "two\nlines"),
        Runs.folder(images).first(1),
        new RunOutput.Printed(new PrintWriter(printed), false));
    Runs.run(
        new HashCaptioner(1, "two \n lines"),
        Runs.folder(images).first(2),
        new RunOutput.Printed(new PrintWriter(printed), true));

    assertThat(printed.toString())
        .startsWith(
            "%s%n%s\t%s%n"
                .formatted(
                    HashCaptioner.captionOf(first, "two\nlines"),
                    first,
                    HashCaptioner.captionOf(first, "two lines")));
    assertThat(folder).isDirectoryNotContaining("glob:**.json*");
  }

  @Test
  void aClosedStandardOutputStopsTheRun() {
    PrintWriter closed = new PrintWriter(Writer.nullWriter());
    closed.close();

    HashCaptioner captioner = new HashCaptioner();

    assertThatThrownBy(
            () -> Runs.run(captioner, Runs.folder(images), new RunOutput.Printed(closed, true)))
        .isInstanceOfSatisfying(
            OutputException.class,
            failure -> assertThat(failure.kind()).isEqualTo(OutputException.Kind.NOT_WRITTEN))
        .hasMessageContaining("cannot be printed");
    assertThat(captioner.images()).isEqualTo(1);
  }

  @Test
  void theTimingsAddUpByTheClockGiven() {
    RunSettings defaults = RunSettings.defaults();
    long[] ticks = {0};
    RunSettings ticking =
        new RunSettings(
            defaults.reading(), 1, 4, defaults.saveEvery(), 20, () -> ticks[0]++, defaults.clock());

    RunTimings timings =
        Runs.run(new HashCaptioner(), Runs.folder(images), files, ticking, new StopSignal())
            .timings();

    assertThat(timings.waitingNanos()).isEqualTo(COUNT);
    assertThat(timings.captioningNanos()).isEqualTo(COUNT);
    assertThat(timings.savingNanos()).as("beginnings, captions, the end").isEqualTo(2 * COUNT + 2);
    assertThat(timings.totalNanos()).isGreaterThan(3L * COUNT + 1);
    assertThat(timings.shareOutsideCaptioning())
        .isEqualTo(1 - (double) COUNT / timings.totalNanos());
  }

  @Test
  void thePredictionsAreSavedWhileTheRunLasts() {
    RunSettings defaults = RunSettings.defaults();
    RunSettings always =
        new RunSettings(
            defaults.reading(), 1, 4, Duration.ZERO, 20, defaults.nanoTime(), defaults.clock());
    List<Integer> seen = new ArrayList<>();
    HashCaptioner captioner = new HashCaptioner();
    captioner.before(_ -> {
      if (captioner.calls.size() > 1) {
        seen.add(Predictions.read(files.first().path()).captions().size());
      }
    });

    Runs.run(captioner, Runs.folder(images), files, always, new StopSignal());

    assertThat(seen).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  }

  @Test
  void whereNothingCouldBeCaptionedThePredictionsAreEmpty() throws IOException {
    Path bad = Files.writeString(folder.resolve("bad.png"), "text");

    Runs.run(new HashCaptioner(), Runs.folder(folder).first(1), files);

    assertThat(bad).exists();
    assertThat(Predictions.read(files.first().path()).captions()).isEmpty();
  }

  @Test
  void imagesWithOneKeyArePrintedAndNotSaved() {
    Path other = Pictures.write(folder.resolve("other/000.png"), 77);
    ImageInputs two =
        ImageInputs.of(
            List.of(
                new ImageInput(images.resolve("000.png"), "000"), new ImageInput(other, "000")));
    StringWriter printed = new StringWriter();

    RunResult result =
        Runs.run(new HashCaptioner(), two, new RunOutput.Printed(new PrintWriter(printed), true));

    assertThat(result.captioned()).isEqualTo(2);
    assertThat(printed.toString().lines()).hasSize(2);
    assertThatThrownBy(() -> Runs.run(new HashCaptioner(), two, files))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("1 has another's");
  }

  @Test
  void whatCannotBeCaptionedAtAllIsListedToo() {
    Path locked = folder.resolve("lost+found");
    ImageInputs inputs =
        new ImageInputs(
            Runs.folder(images).images(),
            List.of(),
            List.of(new Outcome.Failed(new ImageInput(locked, locked + ""), "no permission")));

    RunResult result = Runs.run(new HashCaptioner(), inputs, files);

    assertThat(result.captioned()).isEqualTo(COUNT);
    assertThat(result.remaining()).isZero();
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.line()).endsWith("lost+found: no permission"));
  }

  @Test
  void picturesThatCannotBeReachedKeepTheirCaptions() throws IOException {
    Path share = Pictures.writeMany(folder.resolve("share"), 3);
    Path links = Files.createDirectories(folder.resolve("links"));
    for (int i = 0; i < 3; i++) {
      String name = "%03d.png".formatted(i);
      Files.createSymbolicLink(links.resolve(name), share.resolve(name));
    }
    Runs.run(new HashCaptioner(), Runs.folder(links), files);
    String before = Files.readString(files.first().path());
    Path away = Files.move(share, folder.resolve("away"));

    RunResult result = Runs.run(new HashCaptioner(), Runs.folder(links), files);

    assertThat(result.exitCode()).isEqualTo(RunResult.FAILED);
    assertThat(result.failures())
        .hasSize(3)
        .allSatisfy(failure -> assertThat(failure.line()).contains("a link that leads nowhere"));
    assertThat(files.first().path()).hasContent(before);
    Files.move(away, share);
    assertThat(Runs.run(new HashCaptioner(), Runs.folder(links), files).reused()).isEqualTo(3);
  }

  @Test
  void anOutputThatCannotBeWrittenAtTheEndIsNotCalledWritten() throws IOException {
    HashCaptioner captioner = new HashCaptioner();
    captioner.before(_ -> {
      try { // A folder with something in it cannot be replaced by a file.
        Files.createDirectories(files.first().path().resolve("in the way"));
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    });

    RunResult result = Runs.run(captioner, Runs.folder(images), files);

    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.summary(files))
        .anySatisfy(line ->
            assertThat(line).startsWith("Not all captions could be written").contains(".journal"))
        .noneSatisfy(line -> assertThat(line).startsWith("The captions are in"));
    Files.delete(files.first().path().resolve("in the way"));
    Files.delete(files.first().path());
    assertThat(Runs.run(new HashCaptioner(), Runs.folder(images), files).reused()).isEqualTo(COUNT);
    assertThat(Predictions.read(files.first().path()).captions()).hasSize(COUNT);
  }
}
