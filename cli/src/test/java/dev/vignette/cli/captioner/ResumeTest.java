package dev.vignette.cli.captioner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.torch.fixture.SharedData;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ResumeTest {
  private static final List<String> PLAIN = List.of("training.epochs=6");
  private static final List<String> STAGED =
      List.of(
          "training.epochs=4",
          "training.accumulation=2",
          "training.projection_epochs=1",
          "training.packing=off",
          "validation.clip=null");

  @TempDir Path folder;

  private List<String> arguments(String name, List<String> settings) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--config=" + SharedData.inRepository("models/mini/train.yaml"),
                "--resume",
                "--set=run.name=" + name,
                "--set=run.folder=" + folder,
                "--set=encoder.cache=" + folder.resolve("features"),
                "--set=data.limit=24",
                "--set=training.batch_size=4",
                "--set=training.warmup=5",
                "--set=training.checkpoint_steps=2",
                "--set=training.threads=1",
                "--set=validation.max_new_tokens=6"));
    settings.forEach(setting -> arguments.add("--set=" + setting));
    return arguments;
  }

  private Process start(String name, List<String> settings) throws Exception {
    List<String> command = new ArrayList<>();
    // Whoever runs the tests in a shell's background has interrupts ignored, and so would this.
    command.addAll(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx512m",
            "-Dai.djl.pytorch.num_threads=1",
            "-cp",
            System.getProperty("java.class.path"),
            Program.class.getName()));
    command.addAll(arguments(name, settings));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(folder.toFile(), name + ".log")))
        .start();
  }

  /** What runs in a process of its own. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      System.exit(new CommandLine(new CaptionerCommand()).execute(arguments));
    }
  }

  @Test
  void killedAgainAndAgainARunEndsWithTheSameWeightsAsOneNeverKilled() throws Exception {
    killedEqualsWhole(PLAIN, 4, 20);
  }

  @Test
  void soDoesARunWithAccumulationAProjectionStageAndUnpackedRows() throws Exception {
    killedEqualsWhole(STAGED, 2, 21);
  }

  private void killedEqualsWhole(List<String> settings, int kills, long seed) throws Exception {
    int exit =
        new CommandLine(new CaptionerCommand())
            .execute(arguments("whole", settings).toArray(String[]::new));
    assertThat(exit).isZero();
    Random random = new Random(seed);
    for (int kill = 0; kill < kills; kill++) {
      Process process = start("killed", settings);
      awaitStart(process);
      boolean ended = process.waitFor(random.nextInt(80), TimeUnit.MILLISECONDS);
      assertThat(ended).as(() -> "ended before it was killed: " + logOf("killed")).isFalse();
      if (kill == 0) {
        interrupt(process);
      } else {
        process.destroyForcibly().waitFor();
      }
    }
    Process last = start("killed", settings);
    assertThat(last.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(last.exitValue()).as(() -> logOf("killed")).isZero();
    for (String file :
        List.of(
            "checkpoint.safetensors",
            "best/adapter_model.safetensors",
            "last/adapter_model.safetensors",
            "last/projection.safetensors")) {
      assertThat(Files.readAllBytes(folder.resolve("killed").resolve(file)))
          .as(file)
          .isEqualTo(Files.readAllBytes(folder.resolve("whole").resolve(file)));
    }
  }

  /** Ctrl-C: the process ends by itself, after saving. */
  private void interrupt(Process process) throws Exception {
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(() -> logOf("killed")).isEqualTo(130);
    assertThat(logOf("killed")).contains("Interrupted: the step in hand", "Stopped in epoch");
  }

  /** Waits until the process has done something since it was started, or has ended. */
  private void awaitStart(Process process) throws Exception {
    Path checkpoint = folder.resolve("killed/checkpoint.safetensors");
    Object before = stamp(checkpoint);
    while (process.isAlive() && stamp(checkpoint).equals(before)) {
      Thread.sleep(5);
    }
  }

  private static Object stamp(Path file) throws Exception {
    return Files.exists(file) ? Files.getLastModifiedTime(file) : "none";
  }

  private String logOf(String name) {
    try {
      return Files.readString(folder.resolve(name + ".log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
