package dev.vignette.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The safetensors format: eight bytes of header length, a JSON header, the tensors. A file that is
 * read is memory-mapped, so files over 2 GiB cost no heap and no copy.
 */
public final class Safetensors implements TensorFile {
  /** How a GGUF file begins. */
  private static final int GGUF = 0x46554747;

  private static final long MAX_HEADER_BYTES = 100_000_000;
  private static final int HEADER_ALIGNMENT = 8;
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final String METADATA = "__metadata__";

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
    if (Files.isDirectory(path)) {
      throw damaged(path, "it is a folder; name the file, or move the folder away");
    }
    MemorySegment file = map(path);
    if (file.byteSize() < Long.BYTES) {
      throw damaged(
          path,
          "it has %d bytes and the header alone needs 8; get it again".formatted(file.byteSize()));
    }
    long headerBytes =
        file.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    if ((int) headerBytes == GGUF) {
      throw damaged(
          path,
          "it is a GGUF file, of llama.cpp; give the model in safetensors, as it was published");
    }
    if (headerBytes < 2 || headerBytes > Math.min(MAX_HEADER_BYTES, file.byteSize() - Long.BYTES)) {
      throw damaged(
          path,
          "its header claims %d bytes of a file of %d; get it again"
              .formatted(headerBytes, file.byteSize()));
    }
    JsonObject header =
        JsonObject.parse(
            "The header of " + path,
            file.asSlice(Long.BYTES, headerBytes).toArray(ValueLayout.JAVA_BYTE));
    long dataStart = Long.BYTES + headerBytes;
    SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    for (String name : header.names()) {
      JsonObject entry = header.requireObject(name);
      if (name.equals(METADATA)) {
        entry.names().forEach(key -> metadata.put(key, entry.requireText(key)));
      } else {
        tensors.put(name, tensor(path, name, entry, dataStart, file.byteSize()));
      }
    }
    requireCover(path, tensors.values(), dataStart, file.byteSize());
    return new Safetensors(path, file, tensors, metadata);
  }

  /** Whether a file begins as safetensors do, or as a GGUF file, which is told from the others. */
  static boolean isLike(Path path) throws IOException {
    MemorySegment file = map(path);
    if (file.byteSize() <= Long.BYTES) {
      return false;
    }
    int first = file.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    return first == GGUF || file.get(ValueLayout.JAVA_BYTE, Long.BYTES) == '{';
  }

  /** Tensors lie one after the other, in whatever order the header names them, up to the end. */
  private static void requireCover(
      Path path, Collection<TensorInfo> tensors, long dataStart, long fileBytes) {
    List<TensorInfo> byPlace =
        tensors.stream()
            .sorted(
                Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::bytes))
            .toList();
    String before = "the header";
    long end = dataStart;
    for (TensorInfo tensor : byPlace) {
      if (tensor.offset() != end) {
        throw damaged(
            path,
            "%s ends at byte %d and tensor %s begins at byte %d, %s; download it again"
                .formatted(
                    before,
                    end,
                    tensor.name(),
                    tensor.offset(),
                    tensor.offset() < end
                        ? "so that they overlap"
                        : "and what lies between belongs to none"));
      }
      before = "tensor " + tensor.name();
      end += tensor.bytes();
    }
    if (end != fileBytes) {
      throw damaged(
          path,
          "%s, its last part, ends at byte %d of a file of %d, and what follows belongs to none; download it again"
              .formatted(before, end, fileBytes));
    }
  }

  static MemorySegment map(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
    }
  }

  private static WeightsException notRead(Path path, String name, String type) {
    return new WeightsException(
        "%s, tensor %s: the element type %s is not read; store it as F32, F16 or BF16"
            .formatted(path, name, type));
  }

  private static TensorInfo tensor(
      Path path, String name, JsonObject entry, long dataStart, long fileBytes) {
    try {
      List<Long> offsets = entry.list("data_offsets", Long.class);
      TensorShape shape = new TensorShape(entry.list("shape", Long.class));
      String typeName = entry.requireText("dtype");
      ElementType type =
          ElementType.named(typeName).orElseThrow(() -> notRead(path, name, typeName));
      if (offsets.size() != 2 || !entry.has("shape")) {
        throw new IllegalArgumentException("shape and two offsets are needed");
      }
      long end = offsets.get(1);
      TensorInfo info = new TensorInfo(name, type, shape, dataStart + offsets.getFirst());
      if (info.bytes() != end - offsets.getFirst()) {
        throw damaged(
            path,
            "tensor %s of shape %s and type %s takes %d bytes, not %d"
                .formatted(name, shape, type, info.bytes(), end - offsets.getFirst()));
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
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new WeightsException(
          "%s is damaged: tensor %s has the entry %s".formatted(path, name, entry), e);
    }
  }

  /**
   * Writes tensors under their names, in the map's order: whole or not at all, by a temporary file
   * and an atomic rename. Missing folders are made.
   *
   * @param metadata texts for the header's {@code __metadata__}; left out when empty
   * @throws FileSystemException naming the file, if it cannot be written
   */
  public static void write(
      Path path, SequencedMap<String, TensorData> tensors, Map<String, String> metadata)
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
        writeFully(out, headerOf(tensors, metadata));
        for (var entry : tensors.entrySet()) {
          ByteBuffer bytes = entry.getValue().source().bytes();
          if (bytes.remaining() != entry.getValue().byteSize()) {
            throw new IllegalArgumentException(
                "Tensor %s of %s takes %d bytes, but %d were given"
                    .formatted(
                        entry.getKey(),
                        entry.getValue().shape(),
                        entry.getValue().byteSize(),
                        bytes.remaining()));
          }
          writeFully(out, bytes);
        }
        out.force(true);
      }
      Files.move(
          temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failure) {
      throw unwritten(path, failure);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static ByteBuffer headerOf(
      SequencedMap<String, TensorData> tensors, Map<String, String> metadata) {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator out = FACTORY.createGenerator(ObjectWriteContext.empty(), json)) {
      out.writeStartObject();
      if (!metadata.isEmpty()) {
        out.writeName(METADATA);
        out.writeStartObject();
        // In the order of their names: the same content makes the same bytes.
        new TreeMap<>(metadata).forEach(out::writeStringProperty);
        out.writeEndObject();
      }
      long offset = 0;
      for (var entry : tensors.entrySet()) {
        TensorData tensor = entry.getValue();
        long end = offset + tensor.byteSize();
        out.writeName(entry.getKey());
        out.writeStartObject();
        out.writeStringProperty("dtype", tensor.type().name());
        out.writeName("shape");
        long[] shape = tensor.shape().toArray();
        out.writeArray(shape, 0, shape.length);
        out.writeName("data_offsets");
        out.writeArray(new long[] {offset, end}, 0, 2);
        out.writeEndObject();
        offset = end;
      }
      out.writeEndObject();
    }
    int padded = (json.size() + HEADER_ALIGNMENT - 1) / HEADER_ALIGNMENT * HEADER_ALIGNMENT;
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(padded).put(json.toByteArray());
    while (bytes.hasRemaining()) {
      bytes.put((byte) ' ');
    }
    return bytes.flip();
  }

  private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  /** A disk that is full says so without the name of the file. */
  private static IOException unwritten(Path path, IOException failure) {
    if (failure instanceof FileSystemException) {
      return failure;
    }
    FileSystemException named =
        new FileSystemException(path.toString(), null, failure.getMessage());
    named.initCause(failure);
    return named;
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

  @Override
  public void read(String name, long from, ByteBuffer into) throws IOException {
    TensorInfo info = info(name);
    requireInside(info, from, into.remaining());
    readFully(path, info.offset() + from, into);
  }

  static void requireInside(TensorInfo info, long from, long bytes) {
    if (from < 0 || bytes > info.bytes() - from) {
      throw new IllegalArgumentException(
          "Tensor %s has %d bytes; %d from byte %d on are not in it"
              .formatted(info.name(), info.bytes(), bytes, from));
    }
  }

  static void readFully(Path path, long from, ByteBuffer into) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      for (long at = from; into.hasRemaining(); ) {
        int count = channel.read(into, at);
        if (count < 0) {
          throw new WeightsException(
              "%s became shorter while it was read; get it again".formatted(path));
        }
        at += count;
      }
    }
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
