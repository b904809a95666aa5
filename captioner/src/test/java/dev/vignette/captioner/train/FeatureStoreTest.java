package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import dev.vignette.captioner.train.TrainConfig.FeaturePrecision;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.files.yaml.ConfigException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureStoreTest {
  private static final String A = "a".repeat(64);
  private static final String B = "b".repeat(64);
  private static final String C = "c".repeat(64);

  @TempDir Path folder;

  private FeatureStore open(FeaturePrecision precision) throws Exception {
    return FeatureStore.open(folder, "key", 3, precision);
  }

  private static float[] read(FeatureStore store, String hash) throws Exception {
    boolean half = store.type() == DataType.FLOAT16;
    ByteBuffer target =
        ByteBuffer.allocate(3 * (half ? Short.BYTES : Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    store.read(hash, target);
    assertThat(target.flip().remaining()).isEqualTo(target.capacity());
    float[] values = new float[3];
    for (int i = 0; i < 3; i++) {
      values[i] = half ? Float.float16ToFloat(target.getShort()) : target.getFloat();
    }
    return values;
  }

  @Test
  void whatWasStoredIsThereAfterReopening() throws Exception {
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      store.append(List.of(A, B), new float[] {1, 2, 3, 4, 5, 6.1f});
      assertThat(read(store, B)).containsExactly(4, 5, 6.1f);
    }
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      assertThat(store.contains(A)).isTrue();
      assertThat(read(store, A)).containsExactly(1, 2, 3);
      store.append(List.of(C), new float[] {7, 8, 9});
      assertThat(read(store, C)).containsExactly(7, 8, 9);
    }
  }

  @Test
  void halfPrecisionRoundsAndHasAFileOfItsOwn() throws Exception {
    try (FeatureStore store = open(FeaturePrecision.FP16)) {
      store.append(List.of(A), new float[] {1, 0.1f, -3});
      assertThat(read(store, A)).containsExactly(1, 0.099975586f, -3);
    }
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      assertThat(store.contains(A)).isFalse();
    }
  }

  @Test
  void aRecordCutShortByAKillIsForgotten() throws Exception {
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      store.append(List.of(A, B), new float[] {1, 2, 3, 4, 5, 6});
    }
    Path data;
    try (var files = Files.list(folder)) {
      data = files.filter(f -> f.toString().endsWith(".features")).findFirst().orElseThrow();
    }
    try (FileChannel channel = FileChannel.open(data, StandardOpenOption.WRITE)) {
      channel.truncate(20);
    }
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      assertThat(store.contains(A)).isTrue();
      assertThat(store.contains(B)).isFalse();
      store.append(List.of(B), new float[] {7, 8, 9});
      assertThat(read(store, B)).containsExactly(7, 8, 9);
    }
  }

  @Test
  void twoRunsDoNotFillOneStoreAtOnceButBothMayRead() throws Exception {
    try (FeatureStore first = open(FeaturePrecision.FP32)) {
      assertThatThrownBy(() -> open(FeaturePrecision.FP32))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("encoder.cache");
      first.append(List.of(A), new float[] {1, 2, 3});
      first.filled();
      try (FeatureStore second = open(FeaturePrecision.FP32)) {
        second.append(List.of(B), new float[] {4, 5, 6});
        assertThat(read(second, A)).containsExactly(1, 2, 3);
      }
      assertThat(read(first, A)).containsExactly(1, 2, 3);
    }
  }

  private Path file(String end) throws Exception {
    try (var files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(end)).findFirst().orElseThrow();
    }
  }

  @Test
  void garbageInARecordIsNoticedAndTheImageEncodedAgain() throws Exception {
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      store.append(List.of(A, B), new float[] {1, 2, 3, 4, 5, 6});
    }
    try (FileChannel channel = FileChannel.open(file(".features"), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}), 14);
    }
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      assertThat(store.contains(A)).isTrue();
      assertThat(store.contains(B)).isFalse();
      assertThat(store.damaged()).isEqualTo(1);
      store.append(List.of(B), new float[] {4, 5, 6});
    }
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      assertThat(store.contains(B)).isTrue();
      assertThat(read(store, B)).containsExactly(4, 5, 6);
      assertThat(store.damaged()).isZero();
    }
  }

  @Test
  void aStoreOfAVersionBeforeIsBegunAnewWhereverItsSumsAreMissing() throws Exception {
    Path name = folder.resolve("key-3-fp32");
    Files.write(Path.of(name + ".features"), new byte[3 * Float.BYTES]);
    Files.writeString(Path.of(name + ".index"), A + "\n");
    Files.writeString(Path.of(name + ".sums"), " ".repeat(8) + "\n");
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      assertThat(store.contains(A)).isFalse();
      assertThat(store.damaged()).isZero();
      store.append(List.of(A), new float[] {1, 2, 3});
    }
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      assertThat(store.contains(A)).isTrue();
      assertThat(read(store, A)).containsExactly(1, 2, 3);
    }
    assertThat(Path.of(name + ".features")).hasSize(3 * Float.BYTES);
    assertThat(Path.of(name + ".sums")).doesNotExist();
  }

  @Test
  void linesInAnotherOrderGiveNoImageTheRowsOfAnother() throws Exception {
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      store.append(List.of(A, B, C), new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
    }
    List<String> lines = Files.readAllLines(file(".index"));
    Files.writeString(
        file(".index"), "%s\n%s\n%s\n".formatted(lines.get(1), lines.get(0), lines.get(2)));
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      assertThat(store.contains(A)).isFalse();
      assertThat(store.contains(B)).isFalse();
      assertThat(store.contains(C)).isTrue();
      store.append(List.of(A), new float[] {1, 2, 3});
      assertThat(read(store, A)).containsExactly(1, 2, 3);
      assertThat(read(store, C)).containsExactly(7, 8, 9);
    }
    // The hashes alone change their places: each sum stays with its rows.
    lines = Files.readAllLines(file(".index"));
    Files.writeString(
        file(".index"), "%s\n%s\n".formatted(A + lines.get(2).substring(64), lines.get(1)));
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      assertThat(store.contains(A)).isFalse();
    }
  }

  @Test
  void aLineThatIsCutOrDamagedIsNoImages() throws Exception {
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      store.append(List.of(A, B, C), new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
    }
    String index = Files.readString(file(".index"));
    Files.writeString(
        file(".index"), index.replace(B + " ", B + "-").substring(0, index.length() - 3));
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      assertThat(store.contains(A)).isTrue();
      assertThat(store.contains(B)).isFalse();
      assertThat(store.contains(C)).isFalse();
      store.append(List.of(B, C), new float[] {4, 5, 6, 7, 8, 9});
    }
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      for (String hash : List.of(A, B, C)) {
        assertThat(store.contains(hash)).isTrue();
      }
      assertThat(read(store, A)).containsExactly(1, 2, 3);
      assertThat(read(store, B)).containsExactly(4, 5, 6);
      assertThat(read(store, C)).containsExactly(7, 8, 9);
      assertThat(store.damaged()).isZero();
    }
  }

  @Test
  void whoReadsAStoreKeepsItWhereTheIndexIsDamagedAndAnotherFillsIt() throws Exception {
    String whole;
    try (FeatureStore first = open(FeaturePrecision.FP32)) {
      first.append(List.of(A, B), new float[] {1, 2, 3, 4, 5, 6});
      first.filled();
      assertThat(read(first, B)).containsExactly(4, 5, 6); // Both records are mapped.
      whole = Files.readString(file(".index"));
      for (String left : List.of(whole.substring(0, whole.length() / 2), "", "\n" + whole)) {
        Files.writeString(file(".index"), left);
        try (FeatureStore second = open(FeaturePrecision.FP32)) {
          assertThat(second.contains(A)).isEqualTo(whole.startsWith(left) && !left.isEmpty());
          second.append(List.of(C), new float[] {7, 8, 9});
          second.filled();
          assertThat(read(first, A)).containsExactly(1, 2, 3);
          assertThat(read(first, B)).containsExactly(4, 5, 6);
          try (FeatureStore third = open(FeaturePrecision.FP32)) {
            assertThat(third.contains(C)).isTrue();
            third.append(List.of(B), new float[] {-4, -5, -6});
            assertThat(read(third, C)).containsExactly(7, 8, 9);
            assertThat(read(second, C)).containsExactly(7, 8, 9);
            assertThat(read(third, B)).containsExactly(-4, -5, -6);
          }
        }
      }
      assertThat(read(first, A)).containsExactly(1, 2, 3);
      assertThat(read(first, B)).containsExactly(4, 5, 6);
    }
  }

  @Test
  void aFolderInTheWayOfTheStoreIsNamedWithTheRemedy() throws Exception {
    Path inTheWay = folder.resolve("key-3-fp32.features");
    Files.createDirectories(inTheWay.resolve("inside"));
    assertThatThrownBy(() -> open(FeaturePrecision.FP32))
        .isInstanceOf(UnwritableFileException.class)
        .hasMessageContainingAll(inTheWay.toString(), "encoder.cache=DIR");
  }

  @Test
  void anotherProcessIsRefusedForAsLongAsTheStoreIsFilled() throws Exception {
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      // The first of them opens and closes the store's files, which must not free the lock.
      for (int i = 0; i < 2; i++) {
        Process other = OtherProcess.start(Opener.class, folder.toString());
        assertThat(OtherProcess.output(other)).contains("refused", "encoder.cache");
      }
      store.append(List.of(A), new float[] {1, 2, 3});
      store.filled();
      Process other = OtherProcess.start(Opener.class, folder.toString());
      assertThat(OtherProcess.output(other)).contains("free");
    }
  }

  /** Opens the store. */
  static final class Opener {
    private Opener() {}

    public static void main(String[] arguments) {
      OtherProcess.say(
          () -> FeatureStore.open(Path.of(arguments[0]), "key", 3, FeaturePrecision.FP32).close());
    }
  }

  @Test
  void twoProcessesThatAreKilledWhileTheyFillMixNothing() throws Exception {
    // Where a kill falls differs from run to run; what is asserted holds wherever it falls.
    Random random = new Random(5);
    for (int kill = 0; kill < 3; kill++) {
      Process a = OtherProcess.start(Filler.class, folder.toString(), "a" + kill);
      Process b = OtherProcess.start(Filler.class, folder.toString(), "b" + kill);
      a.getInputStream().read(); // It has begun to fill.
      b.getInputStream().read();
      Thread.sleep(random.nextInt(60));
      a.destroyForcibly().waitFor();
      Thread.sleep(random.nextInt(30));
      b.destroyForcibly().waitFor();
    }
    int checked = 0;
    try (FeatureStore store = open(FeaturePrecision.FP32)) {
      for (String line : Files.readAllLines(file(".index"))) {
        String hash = line.substring(0, Math.min(64, line.length()));
        if (line.length() < 73 || hash.isBlank()) {
          continue; // That of a record before which a kill fell.
        }
        assertThat(store.contains(hash)).isTrue();
        assertThat(read(store, hash)).containsExactly(Filler.values(hash));
        checked++;
      }
      assertThat(store.damaged()).isZero();
    }
    assertThat(checked).isGreaterThan(5);
  }

  /** Fills the store until it is killed, with values that belong to each hash. */
  static final class Filler {
    private Filler() {}

    public static void main(String[] arguments) throws Exception {
      for (int i = 0; ; i++) {
        String hash = "%s-%d".formatted(arguments[1], i).concat("x".repeat(64)).substring(0, 64);
        try (FeatureStore store =
            FeatureStore.open(Path.of(arguments[0]), "key", 3, FeaturePrecision.FP32)) {
          store.append(List.of(hash), values(hash));
          System.out.println(hash);
        } catch (ConfigException otherFills) {
          Thread.sleep(1);
        }
      }
    }

    static float[] values(String hash) {
      return new float[] {hash.hashCode(), 1, -hash.hashCode()};
    }
  }
}
