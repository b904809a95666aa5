package dev.vignette.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchCheckpointTest {
  @TempDir Path folder;
  private Path file = Path.of("unset");

  @BeforeEach
  void copyTheCheckpoint() throws Exception {
    file = folder.resolve("tiny.pt");
    try (InputStream in = TorchCheckpointTest.class.getResourceAsStream("tiny.pt")) {
      assertThat(in).isNotNull();
      Files.copy(in, file);
    }
  }

  @Test
  void tensorsOfAStateDictionaryAreRead() throws Exception {
    TensorFile checkpoint = TensorFile.open(file);
    assertThat(checkpoint.tensors().keySet())
        .containsExactly(
            "transformer.a.weight",
            "transformer.b.half",
            "c.brain",
            "d.transposed",
            "e.view",
            "f.parameter");
    assertThat(floats(checkpoint, "transformer.a.weight")).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(floats(checkpoint, "transformer.b.half")).containsExactly(0.5f, -2, 65504);
    assertThat(floats(checkpoint, "c.brain")).containsExactly(1.5f, -0.25f);
    assertThat(floats(checkpoint, "e.view")).containsExactly(4, 5, 6);
    assertThat(floats(checkpoint, "f.parameter")).containsExactly(7);
  }

  @Test
  void aSavedTransposeIsReadRowByRow() throws Exception {
    TensorFile checkpoint = TensorFile.open(file);
    assertThat(checkpoint.info("d.transposed").shape()).isEqualTo(TensorShape.of(3, 2));
    assertThat(floats(checkpoint, "d.transposed")).containsExactly(0, 3, 1, 4, 2, 5);
  }

  @Test
  void piecesOfATensorAreThoseOfTheWhole() throws Exception {
    TensorFile checkpoint = TensorFile.open(file);
    for (String name : checkpoint.tensors().keySet()) {
      ByteBuffer whole = checkpoint.bytes(name);
      int size = checkpoint.info(name).type().bytes();
      for (int from = 0; from < whole.capacity(); from += size) {
        ByteBuffer piece = ByteBuffer.allocateDirect(size);
        checkpoint.read(name, from, piece);
        assertThat(piece.flip()).as(name).isEqualTo(whole.slice(from, size));
      }
    }
  }

  @Test
  void aTruncatedCheckpointIsNamed() throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    assertThatThrownBy(() -> TensorFile.open(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("tiny.pt")
        .hasMessageContaining("cut short");
  }

  private Path legacy() throws Exception {
    Path old = folder.resolve("legacy.pt");
    try (InputStream in = TorchCheckpointTest.class.getResourceAsStream("legacy.pt")) {
      assertThat(in).isNotNull();
      Files.copy(in, old);
    }
    return old;
  }

  @Test
  void aFileOlderThanPyTorch16IsRead() throws Exception {
    TensorFile checkpoint = TensorFile.open(legacy());
    assertThat(checkpoint.tensors().keySet())
        .containsExactly("rows", "turned", "tail", "half", "count");
    assertThat(floats(checkpoint, "rows")).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    assertThat(checkpoint.info("turned").shape()).isEqualTo(TensorShape.of(4, 3));
    assertThat(floats(checkpoint, "turned")).containsExactly(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11);
    assertThat(floats(checkpoint, "tail")).containsExactly(8, 9, 10, 11);
    assertThat(floats(checkpoint, "half")).containsExactly(1.5f, -2);
    assertThat(checkpoint.bytes("count").getLong()).isEqualTo(7);
  }

  @Test
  void anOlderFileCutAnywhereIsNamed() throws Exception {
    Path old = legacy();
    byte[] bytes = Files.readAllBytes(old);
    for (int length = 15; length < bytes.length; length += 9) {
      Files.write(old, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> TensorFile.open(old))
          .as("%d bytes", length)
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("legacy.pt");
    }
  }

  private static float[] floats(TensorFile file, String name) {
    var buffer = file.float32(name).order(ByteOrder.nativeOrder()).asFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }
}
