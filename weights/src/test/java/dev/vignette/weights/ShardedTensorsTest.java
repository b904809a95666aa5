package dev.vignette.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardedTensorsTest {
  @TempDir Path folder;
  private Path index = Path.of("unset");

  @BeforeEach
  void writeTwoShards() throws IOException {
    for (int shard = 1; shard <= 2; shard++) {
      byte[] bytes = {(byte) shard, 20, 30, 40};
      SequencedMap<String, TensorData> tensors = new LinkedHashMap<>();
      tensors.put(
          "t" + shard,
          new TensorData(ElementType.U8, TensorShape.of(2, 2), () -> ByteBuffer.wrap(bytes)));
      Safetensors.write(folder.resolve("part-" + shard + ".safetensors"), tensors, Map.of());
    }
    index = folder.resolve("model.safetensors.index.json");
    index("part-2.safetensors");
  }

  private void index(String secondFile) throws IOException {
    Files.writeString(
        index,
        "{\"weight_map\": {\"t2\": \"%s\", \"t1\": \"part-1.safetensors\"}}".formatted(secondFile));
  }

  @Test
  void tensorsOfAllShardsAreReadInTheIndexsOrder() throws IOException {
    TensorFile model = TensorFile.inFolder(folder);
    assertThat(model).isInstanceOf(ShardedTensors.class);
    assertThat(model.tensors().keySet()).containsExactly("t2", "t1");
    assertThat(model.bytes("t1").get(0)).isEqualTo((byte) 1);
    ByteBuffer piece = ByteBuffer.allocate(2);
    model.read("t2", 0, piece);
    assertThat(piece.array()).containsExactly(2, 20);
    assertThatThrownBy(() -> model.read("t2", 3, piece.clear()))
        .hasMessageContaining("Tensor t2 has 4 bytes; 2 from byte 3 on are not in it");
  }

  @Test
  void aMissingShardAndATensorThatIsNotInItsShardAreNamed() throws IOException {
    index("part-3.safetensors");
    assertThatThrownBy(() -> TensorFile.open(index))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("names 2 files, of which 1 are not beside it: part-3.safetensors");
    index("part-1.safetensors");
    assertThatThrownBy(() -> TensorFile.open(index))
        .hasMessageContaining("part-1.safetensors lacks tensor t2");
  }

  @Test
  void aShardOutsideTheFolderIsRefused() throws IOException {
    index("../elsewhere.safetensors");
    assertThatThrownBy(() -> TensorFile.open(index))
        .hasMessageContaining("shards lie beside their index");
  }

  @Test
  void anIndexIsNoShardNotEvenOfItself() throws IOException {
    index(index.getFileName().toString());
    assertThatThrownBy(() -> TensorFile.open(index))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("as a shard, but that is an index");
    index("part\\u0000.safetensors");
    assertThatThrownBy(() -> TensorFile.open(index))
        .hasMessageContaining("shards lie beside their index");
  }

  @Test
  void anIndexThatIsNoneIsNamedWithThePlaceThatIsWrong() throws IOException {
    Files.writeString(index, "{\"weight_map\": {\"t1\": 5}}");
    assertThatThrownBy(() -> TensorFile.open(index))
        .hasMessageContaining("\"weight_map\", \"t1\" must be a text, but is 5");
    Files.writeString(index, "{\"weight_map\": {\"t1\": \"pa");
    assertThatThrownBy(() -> TensorFile.open(index))
        .hasMessageContaining("is no whole JSON: line 1");
    Files.writeString(index, "{}");
    assertThatThrownBy(() -> TensorFile.open(index)).hasMessageContaining("has no \"weight_map\"");
  }

  @Test
  void aFolderWithoutWeightsSaysWhatIsLookedFor() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertThatThrownBy(() -> TensorFile.inFolder(empty))
        .hasMessageContaining("pytorch_model.bin.index.json");
  }

  @Test
  void aFileThatBecameShorterIsNamed() throws IOException {
    TensorFile model = TensorFile.open(folder.resolve("part-1.safetensors"));
    byte[] bytes = Files.readAllBytes(model.path());
    Files.write(model.path(), Arrays.copyOf(bytes, bytes.length - 2));
    ByteBuffer all = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    assertThatThrownBy(() -> model.read("t1", 0, all)).hasMessageContaining("became shorter");
  }
}
