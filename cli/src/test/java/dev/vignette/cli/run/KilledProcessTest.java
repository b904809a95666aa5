package dev.vignette.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.HashCaptioner;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.JournalHolder;
import dev.vignette.captions.run.Pictures;
import dev.vignette.captions.run.RunOutput;
import dev.vignette.captions.run.RunOutput.SidecarText;
import dev.vignette.captions.run.RunResult;
import dev.vignette.captions.run.Runs;
import dev.vignette.captions.run.UsageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs that end in the middle, each in a process of its own. */
@Timeout(120)
class KilledProcessTest {
  private static final int COUNT = 20;

  @TempDir Path folder;
  private Path images;
  private RunOutput.Saved files;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void makeImages() {
    images = Pictures.writeMany(folder.resolve("images"), COUNT);
    files =
        RunOutput.Saved.to(
            folder.resolve("predictions.json"), KeyMode.STEM, true, new SidecarText("", ""), false);
  }

  @AfterEach
  void endProcesses() {
    started.forEach(Process::destroyForcibly);
  }

  private Process start(String... before) throws IOException {
    List<String> command = new ArrayList<>(List.of(before));
    command.addAll(java(SteppedRun.class, images, files.first().path()));
    Process process = new ProcessBuilder(command).start();
    started.add(process);
    return process;
  }

  static List<String> java(Class<?> main, Path... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    Arrays.stream(arguments).map(Path::toString).forEach(command::add);
    return command;
  }

  /** Lets the process caption {@code count} images; it then waits within the next one. */
  static void step(Process process, int count) throws IOException {
    BufferedReader out = process.inputReader();
    assertThat(out.readLine()).isEqualTo("waiting");
    for (int i = 0; i < count; i++) {
      allowOne(process);
      assertThat(out.readLine()).isEqualTo("waiting");
    }
  }

  static void allowOne(Process process) throws IOException {
    send(process, '.');
  }

  private static void send(Process process, char letter) throws IOException {
    process.getOutputStream().write(letter);
    process.getOutputStream().flush();
  }

  static int exitCode(Process process) throws InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private void assertThatARunGoesOnAfter(int done) throws IOException {
    HashCaptioner captioner = new HashCaptioner();
    RunResult result = Runs.run(captioner, Runs.folder(images), files);
    assertThat(result.reused()).isEqualTo(done);
    assertThat(captioner.images()).isEqualTo(COUNT - done);

    RunOutput.Saved uninterrupted = Runs.output(folder.resolve("uninterrupted.json"));
    Runs.run(new HashCaptioner(), Runs.folder(images), uninterrupted);
    assertThat(files.first().path()).hasSameBinaryContentAs(uninterrupted.first().path());
    assertThat(Files.readAllLines(files.first().details())).hasSize(COUNT);
    Predictions.read(files.first().path())
        .captions()
        .forEach((key, caption) -> assertThat(images.resolve(key + ".txt")).hasContent(caption));
  }

  @Test
  void killedTwiceARunGoesOnAfterTheLastCaption() throws Exception {
    for (int done : new int[] {7, 11}) {
      Process process = start();
      step(process, done == 7 ? 7 : 11 - 7);
      process.destroyForcibly();
      assertThat(exitCode(process)).isEqualTo(128 + 9);
    }

    assertThat(files.first().path()).doesNotExist();
    assertThatARunGoesOnAfter(11);
  }

  @Test
  void interruptedARunFinishesTheImageInHandAndExitsWith130() throws Exception {
    Process process = start();
    step(process, 3);
    BufferedReader err = process.errorReader();

    assertThat(process.toHandle().destroy()).isTrue();
    awaitInterruption(err);
    allowOne(process);

    assertThat(exitCode(process)).isEqualTo(130);
    assertThat(err.lines())
        .anySatisfy(line -> assertThat(line).startsWith("4 captioned, 0 reused, 0 failed, 16 left"))
        .contains("Interrupted; run the same command again to go on.");
    assertThat(Predictions.read(files.first().path()).captions()).hasSize(4);
    assertThatARunGoesOnAfter(4);
  }

  @Test
  void interruptedAgainARunEndsAtOnce() throws Exception {
    Process process = start();
    step(process, 3);

    assertThat(process.toHandle().destroy()).isTrue();
    awaitInterruption(process.errorReader());
    assertThat(process.toHandle().destroy()).isTrue();

    assertThat(exitCode(process)).isEqualTo(130);
    assertThatARunGoesOnAfter(3);
  }

  /** A step that keeps nothing of its own, until its standard input ends. */
  static final class StepWithoutState {
    private StepWithoutState() {}

    public static void main(String[] arguments) throws IOException {
      PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
      try (InterruptGuard _ = InterruptGuard.endingAtOnce(err, "the captions are kept")) {
        System.out.println("waiting");
        int _ = System.in.read();
      }
    }
  }

  @Test
  void interruptedInAStepThatKeepsNothingTheProgramSaysWhatIsKeptAndEndsAtOnce() throws Exception {
    Process process = new ProcessBuilder(java(StepWithoutState.class)).start();
    started.add(process);
    assertThat(process.inputReader().readLine()).isEqualTo("waiting");

    assertThat(process.toHandle().destroy()).isTrue();

    assertThat(exitCode(process)).isEqualTo(130);
    assertThat(process.errorReader().lines())
        .contains("Interrupted: the captions are kept. Run the same command again to go on.");
  }

  @Test
  void anImageThatKillsTheProcessIsTriedLastAndThenLeftOut() throws Exception {
    for (int time = 0; time < 2; time++) {
      Process process = start();
      step(process, time == 0 ? 5 : COUNT - 1 - 5);
      send(process, 'k');
      assertThat(exitCode(process)).isEqualTo(134);
    }

    HashCaptioner captioner = new HashCaptioner();
    RunResult result = Runs.run(captioner, Runs.folder(images), files);

    assertThat(captioner.calls).isEmpty();
    assertThat(result.reused()).isEqualTo(COUNT - 1);
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.image().key()).isEqualTo("005"));
    assertThat(Predictions.read(files.first().path()).captions()).hasSize(COUNT - 1);
  }

  @Test
  void aJournalIsOfOneProcessEvenWhileItIsRewrittenAndRead() throws Exception {
    Path journal = folder.resolve("j.journal");
    Process process = new ProcessBuilder(java(JournalHolder.class, journal)).start();
    started.add(process);
    BufferedReader held = process.inputReader();
    assertThat(held.readLine()).isEqualTo("held");

    for (int round = 0; round < 30; round++) {
      allowOne(process);
      assertThatThrownBy(() -> JournalHolder.open(journal))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("Another run is writing");
      assertThat(held.readLine()).isEqualTo("held");
    }

    process.destroyForcibly();
    assertThat(exitCode(process)).isEqualTo(128 + 9);
    JournalHolder.open(journal).close();
  }

  @Test
  void anExitOfItsOwnIsNoInterruption() throws Exception {
    Process process = start();
    step(process, 3);

    send(process, 'x');

    assertThat(exitCode(process)).isEqualTo(70);
    assertThatARunGoesOnAfter(3);
  }

  private static void awaitInterruption(BufferedReader err) throws IOException {
    assertThat(err.readLine()).isEmpty();
    assertThat(err.readLine()).startsWith("Interrupted: the image in hand is finished");
  }

  @Test
  void aDiskThatTakesNoMoreStopsTheRunWithWhatIsDoneKept() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "missing: /bin/bash");
    Process process = start("/bin/bash", "-c", "ulimit -f 4 && exec \"$@\"", "bash");
    for (int i = 0; i < COUNT; i++) {
      allowOne(process);
    }

    assertThat(exitCode(process)).isEqualTo(3);
    assertThat(process.errorReader().lines())
        .anySatisfy(line -> assertThat(line).matches("Stopped\\. .* cannot be written .*"));
    int done =
        (int)
            Files.readString(files.first().journal())
                .lines()
                .filter(line -> line.contains("\"caption\""))
                .count();
    assertThat(done).isBetween(1, COUNT - 1);
    assertThat(Predictions.read(files.first().path()).captions()).hasSizeBetween(done - 1, done);
    assertThatARunGoesOnAfter(done);
  }
}
