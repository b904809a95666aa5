package dev.vignette.torch;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reader of the safetensors format: eight bytes of header length, a JSON header, the tensors. The
 * file is memory-mapped, so files over 2 GiB cost no heap and no copy.
 */
public final class Safetensors implements TensorFile {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private final Path path;
  private final MemorySegment file;
  private final SequencedMap<String, TensorInfo> tensors;
  private final Map<String, String> metadata;

  private Safetensors(
      Path path,
      MemorySegment file,
      SequencedMap<String, TensorInfo> tensors,
      Map<String, String> metadata) {
    this.path = path;
    this.file = file;
    this.tensors = Collections.unmodifiableSequencedMap(tensors);
    this.metadata = Map.copyOf(metadata);
  }

  /**
   * Maps a file and reads its header.
   *
   * @throws WeightsException when the header or a tensor's place is impossible; the message names
   *     it
   */
  public static Safetensors open(Path path) throws IOException {
    MemorySegment file = map(path);
    if (file.byteSize() < Long.BYTES) {
      throw damaged(
          path, "it has %d bytes and the header alone needs 8".formatted(file.byteSize()));
    }
    long headerBytes =
        file.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    if (headerBytes < 2 || headerBytes > Math.min(MAX_HEADER_BYTES, file.byteSize() - Long.BYTES)) {
      throw damaged(
          path,
          "its header claims %d bytes of a file of %d".formatted(headerBytes, file.byteSize()));
    }
    JsonNode header = header(path, file.asSlice(Long.BYTES, headerBytes));
    long dataStart = Long.BYTES + headerBytes;
    SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    for (var entry : header.properties()) {
      if (entry.getKey().equals("__metadata__")) {
        entry
            .getValue()
            .properties()
            .forEach(m -> metadata.put(m.getKey(), m.getValue().asString()));
      } else {
        TensorInfo info =
            tensor(path, entry.getKey(), entry.getValue(), dataStart, file.byteSize());
        tensors.put(info.name(), info);
      }
    }
    return new Safetensors(path, file, tensors, metadata);
  }

  static MemorySegment map(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
    }
  }

  private static JsonNode header(Path path, MemorySegment bytes) {
    String json = new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    try {
      JsonNode header = JSON.readTree(json);
      if (header.isObject()) {
        return header;
      }
    } catch (JacksonException e) {
      throw new WeightsException("%s is damaged: its header is no JSON".formatted(path), e);
    }
    throw damaged(path, "its header is no JSON object");
  }

  private static TensorInfo tensor(
      Path path, String name, JsonNode entry, long dataStart, long fileBytes) {
    try {
      JsonNode offsets = entry.required("data_offsets");
      long begin = offsets.required(0).asLong();
      long end = offsets.required(1).asLong();
      long[] shape = entry.required("shape").valueStream().mapToLong(JsonNode::asLong).toArray();
      ElementType type = ElementType.named(entry.required("dtype").asString());
      TensorInfo info = new TensorInfo(name, type, new Shape(shape), dataStart + begin);
      if (info.bytes() != end - begin) {
        throw damaged(
            path,
            "tensor %s of shape %s and type %s takes %d bytes, not %d"
                .formatted(name, info.shape(), type, info.bytes(), end - begin));
      }
      if (dataStart + end > fileBytes) {
        throw damaged(
            path,
            "tensor %s ends at byte %d of a file of %d; copy the file again"
                .formatted(name, dataStart + end, fileBytes));
      }
      return info;
    } catch (WeightsException e) {
      throw e;
    } catch (JacksonException | IllegalArgumentException | ArithmeticException e) {
      throw new WeightsException(
          "%s is damaged: tensor %s has the entry %s".formatted(path, name, entry), e);
    }
  }

  private static WeightsException damaged(Path path, String why) {
    return new WeightsException("%s is no usable safetensors file: %s".formatted(path, why));
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public SequencedMap<String, TensorInfo> tensors() {
    return tensors;
  }

  /** The free texts of the header's {@code __metadata__}. */
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public ByteBuffer bytes(String name) {
    return slice(file, info(name));
  }

  static ByteBuffer slice(MemorySegment file, TensorInfo info) {
    if (info.bytes() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Tensor %s takes %d bytes; one tensor may take at most 2 GiB"
              .formatted(info.name(), info.bytes()));
    }
    return file.asSlice(info.offset(), info.bytes()).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }
}
