package dev.vignette.eval.clip;

import dev.vignette.files.AtomicFile;
import dev.vignette.files.ProcessLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;

/**
 * Image embeddings of one model on disk: records of the image's SHA-256, the vector and a checksum,
 * appended. Several processes may share a cache: each appends under a lock. A record that a kill
 * cut short is written over, and one that is damaged is passed over, so that its image is computed
 * again.
 */
public final class EmbeddingCache {
  private static final int HASH_BYTES = 32;
  private static final int CHECKSUM_BYTES = 8;

  private final Path file;
  private final int width;
  private final Map<String, float[]> vectors = new ConcurrentHashMap<>();
  private volatile boolean damaged;

  private EmbeddingCache(Path file, int width) {
    this.file = file;
    this.width = width;
  }

  /**
   * Opens or begins a cache.
   *
   * @param folder that holds caches
   * @param key of the model, {@link ImageEmbeddings#cacheKey}
   * @param width numbers of an embedding
   */
  public static EmbeddingCache open(Path folder, String key, int width) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve("%s-%d.embeddings".formatted(key, width));
    EmbeddingCache cache = new EmbeddingCache(file, width);
    try (ProcessLock _ = ProcessLock.shared(file)) {
      cache.vectors.putAll(cache.read());
    }
    return cache;
  }

  private int recordBytes() {
    return HASH_BYTES + width * Float.BYTES + CHECKSUM_BYTES;
  }

  /** The records of the file that are as they were written; to be called with the lock. */
  private Map<String, float[]> read() throws IOException {
    Map<String, float[]> good = new HashMap<>();
    if (Files.notExists(file)) {
      return good;
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.remaining() >= recordBytes()) {
      byte[] content = new byte[recordBytes() - CHECKSUM_BYTES];
      bytes.get(content);
      if (bytes.getLong() == checksum(content)) {
        float[] vector = new float[width];
        ByteBuffer.wrap(content, HASH_BYTES, width * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer()
            .get(vector);
        good.put(HexFormat.of().formatHex(content, 0, HASH_BYTES), vector);
      } else {
        damaged = true;
      }
    }
    return good;
  }

  private static long checksum(byte[] content) {
    CRC32 crc = new CRC32();
    crc.update(content);
    return crc.getValue();
  }

  /** The embedding of the image with a SHA-256, if it is known. */
  Optional<float[]> get(String hash) {
    return Optional.ofNullable(vectors.get(hash)).map(float[]::clone);
  }

  /** Where they are kept. */
  Path file() {
    return file;
  }

  /** Number of embeddings. */
  public int size() {
    return vectors.size();
  }

  /** Adds embeddings by SHA-256 and writes them to the file. */
  void addAll(Map<String, float[]> fresh) throws IOException {
    if (fresh.isEmpty()) {
      return;
    }
    fresh.forEach((hash, vector) -> vectors.put(hash, vector.clone()));
    ByteBuffer records = records(fresh);
    try (ProcessLock _ = ProcessLock.exclusive(file)) {
      if (damaged) {
        byte[] good = records(read()).array();
        AtomicFile.write(file, out -> out.write(good));
        damaged = false;
      }
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        long end = channel.size() / recordBytes() * recordBytes();
        while (records.hasRemaining()) {
          end += channel.write(records, end);
        }
      }
    }
  }

  private ByteBuffer records(Map<String, float[]> embeddings) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(embeddings.size(), recordBytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    embeddings.forEach((hash, vector) -> {
      int start = bytes.position();
      bytes.put(HexFormat.of().parseHex(hash));
      bytes.asFloatBuffer().put(vector);
      bytes.position(bytes.position() + width * Float.BYTES);
      bytes.putLong(checksum(Arrays.copyOfRange(bytes.array(), start, bytes.position())));
    });
    return bytes.flip();
  }
}
