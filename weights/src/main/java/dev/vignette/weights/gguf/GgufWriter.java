package dev.vignette.weights.gguf;

import dev.vignette.weights.gguf.GgufFile.TensorLayout;
import dev.vignette.weights.gguf.Metadata.MetadataValue.ValueType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Writes a GGUF file of version 3 (llama.cpp v0.5.0, ggml/src/gguf.cpp): keys and tensors in the
 * order in which they are added. Tensor data is asked for when its turn comes, so that a file of
 * any size takes the memory of what its sources hold.
 */
public final class GgufWriter {

  private static final int VERSION = 3;
  private static final int ALIGNMENT = TensorLayout.DEFAULT_ALIGNMENT;
  private static final int MOST_DIMENSIONS = 4;

  /** Gives the data of a tensor, in any number of pieces. */
  @FunctionalInterface
  public interface Content {
    void writeTo(Sink out) throws IOException;
  }

  /** Takes pieces of a tensor's data. */
  @FunctionalInterface
  public interface Sink {
    /** Writes what remains in the buffer. */
    void write(ByteBuffer bytes) throws IOException;
  }

  private record Tensor(String name, TensorType type, List<Long> dimensions, Content content) {
    long bytes() {
      long elements = dimensions.stream().reduce(1L, Math::multiplyExact);
      return Math.multiplyExact(elements / type.blockElements(), (long) type.blockBytes());
    }
  }

  private final Map<String, Bytes> values = new LinkedHashMap<>();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  public GgufWriter text(String key, String text) {
    return value(key, ValueType.STRING, new Bytes().string(text));
  }

  public GgufWriter flag(String key, boolean flag) {
    return value(key, ValueType.BOOL, new Bytes().int8(flag ? 1 : 0));
  }

  /** Adds a number of 0 to 2^32 - 1. */
  public GgufWriter uint32(String key, long number) {
    if (number != (number & 0xFFFF_FFFFL)) {
      throw new IllegalArgumentException("%s is %d, no uint32".formatted(key, number));
    }
    return value(key, ValueType.UINT32, new Bytes().int32((int) number));
  }

  public GgufWriter float32(String key, float number) {
    return value(key, ValueType.FLOAT32, new Bytes().int32(Float.floatToRawIntBits(number)));
  }

  public GgufWriter int32s(String key, List<Integer> numbers) {
    Bytes content = new Bytes();
    numbers.forEach(content::int32);
    return array(key, ValueType.INT32, numbers.size(), content);
  }

  public GgufWriter float32s(String key, List<Float> numbers) {
    Bytes content = new Bytes();
    numbers.forEach(number -> content.int32(Float.floatToRawIntBits(number)));
    return array(key, ValueType.FLOAT32, numbers.size(), content);
  }

  public GgufWriter texts(String key, List<String> texts) {
    Bytes content = new Bytes();
    texts.forEach(content::string);
    return array(key, ValueType.STRING, texts.size(), content);
  }

  private GgufWriter array(String key, ValueType elementType, long count, Bytes content) {
    Bytes bytes = new Bytes().int32(elementType.ordinal()).int64(count).bytes(content);
    return value(key, ValueType.ARRAY, bytes);
  }

  private GgufWriter value(String key, ValueType type, Bytes content) {
    if (values.putIfAbsent(key, new Bytes().int32(type.ordinal()).bytes(content)) != null) {
      throw new IllegalArgumentException("The key %s is there already".formatted(key));
    }
    return this;
  }

  /**
   * Adds a tensor after the others.
   *
   * @param dimensions sizes, the fastest varying first, one to four; the first is a multiple of the
   *     type's block
   */
  public GgufWriter tensor(String name, TensorType type, List<Long> dimensions, Content content) {
    if (dimensions.isEmpty()
        || dimensions.size() > MOST_DIMENSIONS
        || dimensions.getFirst() % type.blockElements() != 0) {
      throw new IllegalArgumentException(
          "Tensor %s has dimensions %s; one to four are needed, the first a multiple of %d"
              .formatted(name, dimensions, type.blockElements()));
    }
    if (tensors.putIfAbsent(name, new Tensor(name, type, List.copyOf(dimensions), content))
        != null) {
      throw new IllegalArgumentException("The tensor %s is there already".formatted(name));
    }
    return this;
  }

  /** Size of the file that will be written, in bytes. */
  public long byteSize() {
    long data = tensors.values().stream().mapToLong(Tensor::bytes).map(GgufWriter::aligned).sum();
    return aligned(header().size()) + data;
  }

  /**
   * Writes the file: whole or not at all, by a temporary file beside it and an atomic rename.
   *
   * @param file in an existing folder; replaced if it is there
   * @param progress told after each piece how many bytes of tensor data are written
   * @throws IOException when it cannot be written; the temporary file is then gone
   */
  public void write(Path file, LongConsumer progress) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path temporary =
        absolute.resolveSibling(
            ".%s.%d.tmp".formatted(absolute.getFileName(), ProcessHandle.current().pid()));
    temporary.toFile().deleteOnExit(); // an interrupt ends the process without a finally
    try {
      writeTo(temporary, progress);
      Files.move(
          temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private void writeTo(Path file, LongConsumer progress) throws IOException {
    try (FileChannel out =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      Bytes header = header();
      writeFully(out, ByteBuffer.wrap(header.toByteArray()));
      writePadding(out, header.size());
      long written = 0;
      for (Tensor tensor : tensors.values()) {
        Counter counter = new Counter(out, progress, written);
        tensor.content.writeTo(counter);
        if (counter.bytes != tensor.bytes()) {
          throw new IllegalArgumentException(
              "Tensor %s of %s and type %s takes %d bytes, but %d were given"
                  .formatted(
                      tensor.name, tensor.dimensions, tensor.type, tensor.bytes(), counter.bytes));
        }
        writePadding(out, tensor.bytes());
        written += tensor.bytes();
      }
      out.force(true);
    }
  }

  /** Counts what one tensor writes. */
  private static final class Counter implements Sink {
    private final FileChannel out;
    private final LongConsumer progress;
    private final long before;
    private long bytes;

    Counter(FileChannel out, LongConsumer progress, long before) {
      this.out = out;
      this.progress = progress;
      this.before = before;
    }

    @Override
    public void write(ByteBuffer piece) throws IOException {
      bytes += piece.remaining();
      writeFully(out, piece);
      progress.accept(before + bytes);
    }
  }

  private Bytes header() {
    Bytes out = new Bytes();
    out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    out.int32(VERSION).int64(tensors.size()).int64(values.size());
    values.forEach((key, value) -> out.string(key).bytes(value));
    long offset = 0;
    for (Tensor tensor : tensors.values()) {
      out.string(tensor.name).int32(tensor.dimensions.size());
      tensor.dimensions.forEach(out::int64);
      out.int32(tensor.type.id()).int64(offset);
      offset = Math.addExact(offset, aligned(tensor.bytes()));
    }
    return out;
  }

  private static long aligned(long bytes) {
    return TensorLayout.align(bytes, ALIGNMENT);
  }

  private static void writePadding(FileChannel out, long bytes) throws IOException {
    writeFully(out, ByteBuffer.allocate((int) (aligned(bytes) - bytes)));
  }

  private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  /** Little-endian bytes. */
  private static final class Bytes extends ByteArrayOutputStream {

    Bytes int8(int number) {
      write(number);
      return this;
    }

    Bytes int32(int number) {
      return int8(number).int8(number >> 8).int8(number >> 16).int8(number >> 24);
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
