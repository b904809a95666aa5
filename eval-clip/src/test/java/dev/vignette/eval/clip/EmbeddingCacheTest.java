package dev.vignette.eval.clip;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddingCacheTest {
  private static final int WIDTH = 700;
  private static final int RECORD = 32 + WIDTH * Float.BYTES + 8;
  private static final int BATCHES = 40;
  private static final int OF_BATCH = 16;

  @TempDir private Path folder;

  private final List<Process> started = new ArrayList<>();

  /** Fills a cache in a process of its own, once it is told to begin. */
  static final class Filler {
    private Filler() {}

    public static void main(String[] arguments) throws IOException {
      EmbeddingCache cache = EmbeddingCache.open(Path.of(arguments[0]), "model", WIDTH);
      System.out.println("ready");
      System.in.read();
      int first = Integer.parseInt(arguments[1]);
      for (int batch = 0; batch < BATCHES; batch++) {
        cache.addAll(embeddings(first + batch * OF_BATCH));
      }
    }
  }

  @AfterEach
  void endProcesses() {
    started.forEach(Process::destroyForcibly);
  }

  private static String hash(int image) {
    return "%064x".formatted(image);
  }

  private static float[] vector(int image) {
    float[] vector = new float[WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      vector[i] = image + i / 1000f;
    }
    return vector;
  }

  private static Map<String, float[]> embeddings(int first) {
    Map<String, float[]> embeddings = new LinkedHashMap<>();
    for (int image = first; image < first + OF_BATCH; image++) {
      embeddings.put(hash(image), vector(image));
    }
    return embeddings;
  }

  private EmbeddingCache open() throws IOException {
    return EmbeddingCache.open(folder, "model", WIDTH);
  }

  private Path file() {
    return folder.resolve("model-" + WIDTH + ".embeddings");
  }

  private Process filler(int first) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                Filler.class.getName(),
                folder.toString(),
                Integer.toString(first))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    started.add(process);
    return process;
  }

  @Test
  void twoProcessesThatShareACacheLoseAndMixNothing() throws Exception {
    int each = BATCHES * OF_BATCH;
    for (int process = 0; process < 2; process++) {
      assertThat(filler(process * each).inputReader().readLine()).isEqualTo("ready");
    }
    for (Process process : started) {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
    }
    for (Process process : started) {
      assertThat(process.waitFor()).isZero();
    }
    EmbeddingCache cache = open();
    assertThat(cache.size()).isEqualTo(2 * each);
    for (int image = 0; image < 2 * each; image++) {
      assertThat(cache.get(hash(image))).hasValue(vector(image));
    }
    assertThat(file()).hasSize(2L * each * RECORD);
  }

  @Test
  void aRecordCutShortIsWrittenOver() throws IOException {
    open().addAll(embeddings(0));
    byte[] bytes = Files.readAllBytes(file());
    Files.write(file(), Arrays.copyOf(bytes, bytes.length - 3));

    EmbeddingCache cut = open();
    assertThat(cut.size()).isEqualTo(OF_BATCH - 1);
    cut.addAll(embeddings(OF_BATCH));

    EmbeddingCache again = open();
    assertThat(again.size()).isEqualTo(2 * OF_BATCH - 1);
    assertThat(again.get(hash(OF_BATCH))).hasValue(vector(OF_BATCH));
    assertThat(file()).hasSize((2L * OF_BATCH - 1) * RECORD);
  }

  @Test
  void garbageIsPassedOverComputedAgainAndSweptOut() throws IOException {
    open().addAll(embeddings(0));
    byte[] bytes = Files.readAllBytes(file());
    for (int record : List.of(2, OF_BATCH - 1)) {
      for (int i = 0; i < 100; i++) {
        bytes[record * RECORD + 40 + i] ^= 0x55;
      }
    }
    Files.write(file(), bytes);

    EmbeddingCache damaged = open();
    assertThat(damaged.size()).isEqualTo(OF_BATCH - 2);
    assertThat(damaged.get(hash(2))).isEmpty();
    assertThat(damaged.get(hash(3))).hasValue(vector(3));
    damaged.addAll(Map.of(hash(2), vector(2)));

    EmbeddingCache mended = open();
    assertThat(mended.size()).isEqualTo(OF_BATCH - 1);
    assertThat(mended.get(hash(2))).hasValue(vector(2));
    assertThat(file()).hasSize((OF_BATCH - 1L) * RECORD);
  }
}
