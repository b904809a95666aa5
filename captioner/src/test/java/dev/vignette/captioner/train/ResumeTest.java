package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.captioner.command.CaptionerCommand;
import dev.vignette.torch.SharedData;
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
  private static final int KILLS = 10;

  @TempDir Path folder;

  private List<String> arguments(String name) {
    return List.of(
        "train",
        "--config=" + SharedData.inRepository("models/mini/train.yaml"),
        "--resume",
        "--set=run.name=" + name,
        "--set=run.folder=" + folder,
        "--set=encoder.cache=" + folder.resolve("features"),
        "--set=data.limit=24",
        "--set=training.epochs=12",
        "--set=training.batch_size=8",
        "--set=training.warmup=5",
        "--set=training.checkpoint_steps=1",
        "--set=training.threads=1",
        "--set=validation.max_new_tokens=8");
  }

  private Process start(String name) throws Exception {
    List<String> command = new ArrayList<>();
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
    command.addAll(arguments(name));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(new File(folder.toFile(), name + ".log"))
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
  void killedTenTimesARunEndsWithTheSameWeightsAsOneNeverKilled() throws Exception {
    int exit =
        new CommandLine(new CaptionerCommand()).execute(arguments("whole").toArray(String[]::new));
    assertThat(exit).isZero();
    Random random = new Random(20);
    int killed = 0;
    Process process = start("killed");
    while (killed < KILLS) {
      awaitStart(process);
      if (process.waitFor(random.nextInt(200), TimeUnit.MILLISECONDS)) {
        break;
      }
      process.destroyForcibly().waitFor();
      killed++;
      process = start("killed");
    }
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(() -> logOf("killed")).isZero();
    assertThat(killed).isGreaterThanOrEqualTo(5);
    for (String file : List.of("checkpoint.safetensors", "best/adapter_model.safetensors")) {
      assertThat(Files.readAllBytes(folder.resolve("killed").resolve(file)))
          .as(file)
          .isEqualTo(Files.readAllBytes(folder.resolve("whole").resolve(file)));
    }
  }

  /** Waits until the process has done something since it was started, or has ended. */
  private void awaitStart(Process process) throws Exception {
    Path checkpoint = folder.resolve("killed/checkpoint.safetensors");
    Object before = stamp(checkpoint);
    while (process.isAlive() && stamp(checkpoint).equals(before)) {
      Thread.sleep(20);
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
