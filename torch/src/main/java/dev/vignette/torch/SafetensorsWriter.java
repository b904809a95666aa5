package dev.vignette.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writer of safetensors files: whole or not at all, by a temporary file and an atomic rename. */
public final class SafetensorsWriter {
  private static final int HEADER_ALIGNMENT = 8;

  private SafetensorsWriter() {}

  /**
   * Writes arrays (float32, float64, int32, int64) under their names, in the map's order.
   *
   * @param metadata texts for the header's {@code __metadata__}; left out when empty
   */
  public static void write(
      Path path, SequencedMap<String, NDArray> arrays, Map<String, String> metadata)
      throws IOException {
    Path absolute = path.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null) {
      throw new IllegalArgumentException("%s names no file to write".formatted(path));
    }
    Files.createDirectories(folder);
    // Not createTempFile, whose files nobody else may read.
    Path temporary =
        folder.resolve(
            ".%s.%d.tmp".formatted(absolute.getFileName(), ProcessHandle.current().pid()));
    try {
      try (FileChannel out =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        writeFully(out, header(arrays, metadata));
        for (NDArray array : arrays.values()) {
          try (NDManager host = array.getManager().newSubManager()) {
            ByteBuffer bytes = Torch.onHost(host, array).toByteBuffer(false);
            writeFully(out, bytes.order(ByteOrder.nativeOrder()));
          }
        }
        out.force(true);
      }
      Files.move(
          temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static ByteBuffer header(
      SequencedMap<String, NDArray> arrays, Map<String, String> metadata) {
    ObjectNode header = JsonMapper.shared().createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode texts = header.putObject("__metadata__");
      // In the order of their names: the same content makes the same bytes.
      new TreeMap<>(metadata).forEach(texts::put);
    }
    long offset = 0;
    for (var entry : arrays.entrySet()) {
      ElementType type = type(entry.getKey(), entry.getValue().getDataType());
      ObjectNode node = header.putObject(entry.getKey()).put("dtype", type.name());
      var shape = node.putArray("shape");
      for (long dimension : entry.getValue().getShape().getShape()) {
        shape.add(dimension);
      }
      long end = offset + entry.getValue().getShape().size() * type.bytes();
      node.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    int padded = (json.length + HEADER_ALIGNMENT - 1) / HEADER_ALIGNMENT * HEADER_ALIGNMENT;
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(padded).put(json);
    while (bytes.hasRemaining()) {
      bytes.put((byte) ' ');
    }
    return bytes.flip();
  }

  private static ElementType type(String name, DataType type) {
    if (type == DataType.FLOAT32) {
      return ElementType.F32;
    }
    if (type == DataType.FLOAT64) {
      return ElementType.F64;
    }
    if (type == DataType.INT32) {
      return ElementType.I32;
    }
    if (type == DataType.INT64) {
      return ElementType.I64;
    }
    throw new IllegalArgumentException(
        "Array %s is of type %s; only float32, float64, int32 and int64 are written"
            .formatted(name, type));
  }

  private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
