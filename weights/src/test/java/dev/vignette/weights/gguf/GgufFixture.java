package dev.vignette.weights.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Writes small GGUF files, whole ones and, where asked to, broken ones. Tensor data is zeros. */
final class GgufFixture {

  /** The types of tensors that are written. */
  enum Storage {
    F32(0, 1, 4),
    F16(1, 1, 2),
    Q8_0(8, 32, 34),
    I32(26, 1, 4);

    private final int number;
    private final int blockElements;
    private final int blockBytes;

    Storage(int number, int blockElements, int blockBytes) {
      this.number = number;
      this.blockElements = blockElements;
      this.blockBytes = blockBytes;
    }
  }

  /** A tensor, with an offset if it is not to follow the one before it. */
  private record Tensor(int type, long bytes, OptionalLong offset, List<Long> dimensions) {}

  private final Map<String, Bytes> values = new LinkedHashMap<>();
  private final Map<String, Bytes> repeatedValues = new LinkedHashMap<>();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Map<String, Tensor> repeatedTensors = new LinkedHashMap<>();
  private int version = 3;
  private int alignment = 32;
  private OptionalLong tensorCount = OptionalLong.empty();
  private OptionalLong keyCount = OptionalLong.empty();
  private OptionalInt length = OptionalInt.empty();

  GgufFixture version(int number) {
    version = number;
    return this;
  }

  GgufFixture text(String key, String text) {
    return value(key, 8, new Bytes().string(text));
  }

  GgufFixture flag(String key, boolean flag) {
    return value(key, 7, new Bytes().int8(flag ? 1 : 0));
  }

  GgufFixture uint16(String key, int number) {
    return value(key, 2, new Bytes().int16(number));
  }

  GgufFixture uint32(String key, long number) {
    return value(key, 4, new Bytes().int32((int) number));
  }

  GgufFixture int32(String key, int number) {
    return value(key, 5, new Bytes().int32(number));
  }

  GgufFixture float32(String key, float number) {
    return value(key, 6, new Bytes().int32(Float.floatToIntBits(number)));
  }

  GgufFixture int32s(String key, int... numbers) {
    Bytes content = new Bytes();
    Arrays.stream(numbers).forEach(content::int32);
    return array(key, 5, numbers.length, content);
  }

  GgufFixture float32s(String key, float... numbers) {
    Bytes content = new Bytes();
    for (float number : numbers) {
      content.int32(Float.floatToIntBits(number));
    }
    return array(key, 6, numbers.length, content);
  }

  GgufFixture strings(String key, String... texts) {
    Bytes content = new Bytes();
    Arrays.stream(texts).forEach(content::string);
    return array(key, 8, texts.length, content);
  }

  GgufFixture array(String key, int elementType, long count, Bytes content) {
    return value(key, 9, new Bytes().int32(elementType).int64(count).bytes(content));
  }

  /** A value whose type number and bytes may be anything. */
  GgufFixture value(String key, int type, Bytes content) {
    values.put(key, new Bytes().int32(type).bytes(content));
    return this;
  }

  GgufFixture without(String key) {
    values.remove(key);
    return this;
  }

  /** Writes a key and its value a second time. */
  GgufFixture repeatingKey(String key) {
    repeatedValues.put(key, Objects.requireNonNull(values.get(key)));
    return this;
  }

  GgufFixture alignment(int bytes) {
    alignment = bytes;
    return uint32("general.alignment", bytes);
  }

  /** Adds a tensor after the others, or gives one of them another type and shape. */
  GgufFixture tensor(String name, Storage type, long... dimensions) {
    long elements = Arrays.stream(dimensions).reduce(1, (a, b) -> a * b);
    long bytes = elements / type.blockElements * type.blockBytes;
    tensors.put(name, new Tensor(type.number, bytes, OptionalLong.empty(), list(dimensions)));
    return this;
  }

  /** A tensor whose type number, place and dimensions may be anything; it has no data. */
  GgufFixture tensor(String name, int type, long offset, long... dimensions) {
    tensors.put(name, new Tensor(type, 0, OptionalLong.of(offset), list(dimensions)));
    return this;
  }

  /** Writes a tensor a second time. */
  GgufFixture repeatingTensor(String name) {
    repeatedTensors.put(name, Objects.requireNonNull(tensors.get(name)));
    return this;
  }

  GgufFixture withoutTensor(String name) {
    tensors.remove(name);
    return this;
  }

  GgufFixture withoutTensors() {
    tensors.clear();
    return this;
  }

  /** Writes another number of tensors than there are. */
  GgufFixture tensorCount(long count) {
    tensorCount = OptionalLong.of(count);
    return this;
  }

  /** Writes another number of keys than there are. */
  GgufFixture keyCount(long count) {
    keyCount = OptionalLong.of(count);
    return this;
  }

  /** Cuts the file off, or makes it longer; negative numbers count from its end. */
  GgufFixture cutTo(int bytes) {
    length = OptionalInt.of(bytes);
    return this;
  }

  /** The file. */
  byte[] bytes() {
    Bytes header = header();
    long dataBytes = dataBytes();
    long whole = dataBytes == 0 ? header.size() : aligned(header.size()) + dataBytes;
    int cut = length.orElse((int) whole);
    return Arrays.copyOf(header.toByteArray(), cut < 0 ? (int) whole + cut : cut);
  }

  Path write(Path file) {
    try {
      return Files.write(file, bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes from the beginning of the file to the tensor data. */
  int dataOffset() {
    return (int) aligned(header().size());
  }

  /** Bytes of the tensor data with padding. */
  long dataBytes() {
    return tensors.values().stream().mapToLong(tensor -> aligned(tensor.bytes())).sum();
  }

  private Bytes header() {
    Bytes out = new Bytes();
    out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    out.int32(version);
    out.int64(tensorCount.orElse((long) tensors.size() + repeatedTensors.size()));
    out.int64(keyCount.orElse((long) values.size() + repeatedValues.size()));
    for (Map<String, Bytes> map : List.of(values, repeatedValues)) {
      map.forEach((key, value) -> out.string(key).bytes(value));
    }
    long offset = 0;
    for (Map<String, Tensor> map : List.of(tensors, repeatedTensors)) {
      for (Map.Entry<String, Tensor> entry : map.entrySet()) {
        Tensor tensor = entry.getValue();
        out.string(entry.getKey()).int32(tensor.dimensions().size());
        tensor.dimensions().forEach(out::int64);
        out.int32(tensor.type()).int64(tensor.offset().orElse(offset));
        offset += aligned(tensor.bytes());
      }
    }
    return out;
  }

  private static List<Long> list(long... numbers) {
    return Arrays.stream(numbers).boxed().toList();
  }

  private long aligned(long bytes) {
    return (bytes + alignment - 1) / alignment * alignment;
  }

  /** Little-endian bytes. */
  static final class Bytes extends ByteArrayOutputStream {

    Bytes int8(int number) {
      write(number);
      return this;
    }

    Bytes int16(int number) {
      return int8(number).int8(number >> 8);
    }

    Bytes int32(int number) {
      return int16(number).int16(number >> 16);
    }

    Bytes int64(long number) {
      return int32((int) number).int32((int) (number >> 32));
    }

    Bytes string(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      int64(utf8.length).writeBytes(utf8);
      return this;
    }

    Bytes bytes(Bytes others) {
      writeBytes(others.toByteArray());
      return this;
    }
  }
}
