package dev.vignette.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  @TempDir Path folder;

  @Test
  void whatIsWrittenIsReadBack() throws Exception {
    Path file = folder.resolve("new/two.safetensors");
    try (NDManager manager = Torch.newManager()) {
      SequencedMap<String, NDArray> arrays = new LinkedHashMap<>();
      arrays.put("matrix", manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3)));
      arrays.put("ids", manager.create(new long[] {7, 50256}));
      SafetensorsWriter.write(file, arrays, Map.of("format", "pt"));
      Safetensors read = Safetensors.open(file);
      assertThat(read.tensors().keySet()).containsExactly("matrix", "ids");
      assertThat(read.metadata()).isEqualTo(Map.of("format", "pt"));
      assertThat(read.load(manager, "matrix")).isEqualTo(arrays.get("matrix"));
      assertThat(read.bytes("ids").asLongBuffer().get(1)).isEqualTo(50256);
      assertThat(read.info("ids").type()).isEqualTo(ElementType.I64);
    }
    try (var files = Files.list(folder.resolve("new"))) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void halfAndBrainFloatsAreConverted() throws Exception {
    ByteBuffer data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    data.putShort(Float.floatToFloat16(0.1f)).putShort(Float.floatToFloat16(-3));
    data.putShort((short) (Float.floatToIntBits(1.5f) >>> 16));
    data.putShort((short) (Float.floatToIntBits(-256) >>> 16));
    Path file =
        write(
            """
            {"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},
             "b":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]}}\
            """,
            data.array());
    try (NDManager manager = Torch.newManager()) {
      Safetensors read = Safetensors.open(file);
      assertThat(read.load(manager, "h").toFloatArray()).containsExactly(0.099975586f, -3);
      assertThat(read.load(manager, "b").toFloatArray()).containsExactly(1.5f, -256);
    }
  }

  @Test
  void aTruncatedFileIsNamedWithTheTensorThatIsCut() throws Exception {
    Path file =
        write("{\"w\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", new byte[12]);
    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("tensor w");
  }

  @Test
  void aSizeThatContradictsTheShapeIsNamed() throws Exception {
    Path file =
        write("{\"w\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,12]}}", new byte[16]);
    assertThatThrownBy(() -> Safetensors.open(file)).hasMessageContaining("takes 16 bytes, not 12");
  }

  @Test
  void aFileThatIsNoSafetensorsIsNamed() throws Exception {
    Path file = folder.resolve("x.safetensors");
    Files.writeString(file, "version https://git-lfs.github.com/spec/v1");
    assertThatThrownBy(() -> TensorFile.open(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("x.safetensors");
  }

  @Test
  void missingExtraAndMisshapedTensorsAreAllNamed() throws Exception {
    byte[] data = new byte[24];
    Path file =
        write(
            """
            {"t.a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
             "t.b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},
             "t.z":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}}\
            """,
            data);
    SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("a", new Shape(2));
    shapes.put("b", new Shape(1, 2));
    shapes.put("c", new Shape(3));
    Weights.Table table = new Weights.Table("a test model", shapes, name -> false, "t.");
    Safetensors read = Safetensors.open(file);
    assertThatThrownBy(() -> Weights.checked(read, table))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("a test model")
        .hasMessageContaining("1 missing: c")
        .hasMessageContaining("1 extra: z")
        .hasMessageContaining("1 mis-shaped: b is (2) and must be (1, 2)");
  }

  private Path write(String header, byte[] data) throws Exception {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json).put(data);
    Path file = folder.resolve("f.safetensors");
    Files.write(file, Arrays.copyOf(bytes.array(), bytes.capacity()));
    return file;
  }
}
