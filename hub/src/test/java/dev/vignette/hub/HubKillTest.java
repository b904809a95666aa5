package dev.vignette.hub;

import static dev.vignette.hub.PullFixture.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.hub.Hub.PullListener;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another process pulls, and is killed. */
public class HubKillTest {
  private static final String NAME = "org/model";
  private static final int KILLS = Integer.getInteger("vignette.kills", 4);
  private static final int CONNECTIONS = 3;
  private static final int RANGE_BYTES = 1 << 20;

  @TempDir Path folder;

  /** The other process: pulls all of a repository from an endpoint into a cache. */
  public static final class Puller {
    private Puller() {}

    public static void main(String[] arguments) throws IOException {
      HubSettings settings =
          new HubSettings(
              URI.create(arguments[0]),
              Optional.empty(),
              Path.of(arguments[1]),
              false,
              ProxySelector.of(null));
      Tuning tuning =
          new Tuning(
              CONNECTIONS,
              RANGE_BYTES,
              Duration.ofSeconds(20),
              Thread::sleep,
              _ -> 1L << 50,
              PartialBlob.WRITES);
      try (Hub hub = new Hub(settings, new HubCache(settings.cache()), tuning)) {
        Repository repository = hub.repository(ModelReference.parse(NAME), PullListener.SILENT);
        hub.pull(
            hub.plan(repository, repository.files(), PullListener.SILENT), PullListener.SILENT);
      }
    }
  }

  private Process start(TestHub server) throws IOException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Xmx128m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            classPath,
            Puller.class.getName(),
            server.endpoint().toString(),
            folder.toString())
        .inheritIO()
        .start();
  }

  @Test
  void killedAtAnyMomentAPullGoesOnWhereItWas() throws Exception {
    byte[] weights = bytes(24_000_000, 4);
    try (TestHub server = new TestHub()) {
      server.repository(NAME).file("config.json", "{}").file("model.safetensors", weights);
      server.bytesPerSecond = 12_000_000;
      Random random = new Random(5);
      for (int kill = 0; kill < KILLS; kill++) {
        long goal = random.nextLong(weights.length / KILLS);
        long before = server.sent();
        Process process = start(server);
        while (process.isAlive() && server.sent() - before < goal) {
          Thread.sleep(2);
        }
        process.destroyForcibly().waitFor();
      }
      server.bytesPerSecond = 0;
      assertThat(start(server).waitFor()).isZero();

      Path snapshot = new HubCache(folder).snapshot(ModelReference.parse(NAME)).orElseThrow();
      assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(weights);
      assertThat(server.sent())
          .as("a killed process loses no more than the ranges it was at")
          .isLessThanOrEqualTo(weights.length + 2 + (long) KILLS * CONNECTIONS * RANGE_BYTES);
      List<Path> blobs;
      try (var list = Files.list(folder.resolve("models--org--model/blobs"))) {
        blobs = list.toList();
      }
      assertThat(blobs).hasSize(2);
    }
  }
}
