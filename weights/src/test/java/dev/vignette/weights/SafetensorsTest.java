package dev.vignette.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir Path folder;

  @Test
  void aFolderIsNoFileOfTensors() {
    assertThatThrownBy(() -> Safetensors.open(folder))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll(folder.toString(), "it is a folder");
  }

  @Test
  void whatIsWrittenIsReadBack() throws Exception {
    Path file = folder.resolve("new/two.safetensors");
    ByteBuffer matrix = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    matrix.asFloatBuffer().put(new float[] {1, 2, 3, 4, 5, 6});
    ByteBuffer ids = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    ids.asLongBuffer().put(new long[] {7, 50256});
    SequencedMap<String, TensorData> tensors = new LinkedHashMap<>();
    tensors.put("matrix", new TensorData(ElementType.F32, TensorShape.of(2, 3), () -> matrix));
    tensors.put("ids", new TensorData(ElementType.I64, TensorShape.of(2), () -> ids));
    Safetensors.write(file, tensors, Map.of("format", "pt"));
    Safetensors read = Safetensors.open(file);
    assertThat(read.tensors().keySet()).containsExactly("matrix", "ids");
    assertThat(read.metadata()).isEqualTo(Map.of("format", "pt"));
    assertThat(read.info("matrix").shape()).isEqualTo(TensorShape.of(2, 3));
    assertThat(floats(read, "matrix")).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(read.bytes("ids").asLongBuffer().get(1)).isEqualTo(50256);
    assertThat(read.info("ids").type()).isEqualTo(ElementType.I64);
    try (var files = Files.list(folder.resolve("new"))) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aTensorThatGivesOtherBytesThanItSaysLeavesNoFile() throws Exception {
    Path file = folder.resolve("short.safetensors");
    SequencedMap<String, TensorData> tensors = new LinkedHashMap<>();
    tensors.put(
        "w", new TensorData(ElementType.F32, TensorShape.of(4), () -> ByteBuffer.allocate(12)));
    assertThatThrownBy(() -> Safetensors.write(file, tensors, Map.of()))
        .hasMessageContaining("Tensor w of (4) takes 16 bytes, but 12 were given");
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
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
    Safetensors read = Safetensors.open(file);
    assertThat(floats(read, "h")).containsExactly(0.099975586f, -3);
    assertThat(floats(read, "b")).containsExactly(1.5f, -256);
  }

  @Test
  void anElementTypeThatIsNotReadIsNoDamage() throws Exception {
    Path file =
        write("{\"w\":{\"dtype\":\"F8_E4M3\",\"shape\":[4],\"data_offsets\":[0,4]}}", new byte[4]);
    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(WeightsException.class)
        .hasMessage(
            "%s, tensor w: the element type F8_E4M3 is not read; store it as F32, F16 or BF16"
                .formatted(file));
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "4 | 12 | 12 | tensor a ends at byte %d and tensor b begins at byte %d, so that they overlap | 8 | 4",
        "0 | 8 | 8 | tensor b ends at byte %d and tensor a begins at byte %d, so that they overlap | 8 | 0",
        "12 | 20 | 20 | tensor a ends at byte %d and tensor b begins at byte %d, and what lies between | 8 | 12",
        "8 | 16 | 20 | tensor b, its last part, ends at byte %d of a file of %d, and what follows | 16 | 20",
      })
  void tensorsThatDoNotCoverTheDataOnceAreNamed(
      int from, int to, int size, String sentence, int end, int next) throws Exception {
    String header =
        """
        {"b":{"dtype":"F32","shape":[2],"data_offsets":[%d,%d]},
         "a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}\
        """
            .formatted(from, to);
    Path file = write(header, new byte[size]);
    int start = 8 + header.length();
    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll(
            file.toString(), sentence.formatted(start + end, start + next), "download it again");
  }

  @Test
  void emptyTensorsMayLieWhereOthersBegin() throws Exception {
    Path file =
        write(
            """
            {"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},
             "none":{"dtype":"F32","shape":[0,3],"data_offsets":[4,4]},
             "a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
             "last":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}}\
            """,
            new byte[8]);
    assertThat(Safetensors.open(file).tensors().keySet()).containsExactly("b", "none", "a", "last");
  }

  @Test
  void aFileThatIsNoSafetensorsIsNamed() throws Exception {
    Path file = folder.resolve("x.safetensors");
    Files.writeString(file, "version https://git-lfs.github.com/spec/v1");
    assertThatThrownBy(() -> TensorFile.open(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll("x.safetensors", "get it again");
  }

  @Test
  void aMatrixOfZerosIsDamageAndAVectorOrASmallOneIsNot() throws Exception {
    SequencedMap<String, TensorShape> shapes = new LinkedHashMap<>();
    shapes.put("vector", TensorShape.of(40000));
    shapes.put("small", TensorShape.of(3, 5));
    shapes.put("filled", TensorShape.of(100, 100));
    shapes.put("wte", TensorShape.of(100, 100));
    shapes.put("cut", TensorShape.of(100, 100));
    shapes.put("hollow", TensorShape.of(100, 100));
    Path file = folder.resolve("x.safetensors");
    SequencedMap<String, TensorData> tensors = new LinkedHashMap<>();
    shapes.forEach((name, shape) -> {
      ByteBuffer bytes = ByteBuffer.allocate(4 * (int) shape.size()).order(ByteOrder.LITTLE_ENDIAN);
      if (name.equals("wte")) {
        bytes.putFloat(bytes.capacity() / 512 * 512 - 4, 1); // in the last sample only
      } else if (!List.of("hollow", "vector", "small").contains(name)) {
        int filled = bytes.capacity() * (name.equals("cut") ? 9 : 10) / 10;
        for (int at = 0; at < filled; at += Float.BYTES) {
          bytes.putFloat(at, 1);
        }
      }
      tensors.put(name, new TensorData(ElementType.F32, shape, () -> bytes));
    });
    Safetensors.write(file, tensors, Map.of());
    TensorFile read = TensorFile.open(file);
    read.requireFilled(List.of("vector", "small", "filled", "wte"));
    for (String damaged : List.of("cut", "hollow")) {
      assertThatThrownBy(() -> read.requireFilled(List.of("filled", damaged)))
          .isInstanceOf(WeightsException.class)
          .hasMessageContainingAll(
              "x.safetensors has zeros in place of " + damaged, "get it again");
    }
  }

  @Test
  void aFileThatIsNeitherFormIsNotJudgedAsEither() throws Exception {
    for (String content : List.of("", "x", "<!DOCTYPE html><html></html>", "ustar\u0000\u0001")) {
      for (String name : List.of("x.pt", "x.bin")) {
        Path file = Files.writeString(folder.resolve(name), content);
        assertThatThrownBy(() -> TensorFile.open(file))
            .isInstanceOf(WeightsException.class)
            .hasMessageContainingAll(name, "neither a PyTorch checkpoint", "get it again")
            .hasMessageNotContaining("header");
      }
    }
  }

  private static float[] floats(TensorFile file, String name) {
    float[] values = new float[Math.toIntExact(file.info(name).shape().size())];
    file.float32(name).asFloatBuffer().get(values);
    return values;
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
