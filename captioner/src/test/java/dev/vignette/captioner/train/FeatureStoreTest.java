package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import dev.vignette.captioner.train.TrainConfig.FeaturePrecision;
import dev.vignette.captions.yaml.ConfigException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureStoreTest {
  private static final String A = "a".repeat(64);
  private static final String B = "b".repeat(64);

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
      store.append(List.of("c".repeat(64)), new float[] {7, 8, 9});
      assertThat(read(store, "c".repeat(64))).containsExactly(7, 8, 9);
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
}
