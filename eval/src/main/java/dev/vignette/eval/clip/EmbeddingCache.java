package dev.vignette.eval.clip;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;

/**
 * Image embeddings of one model on disk: records of the image's SHA-256, the vector and a checksum,
 * appended. A record that a kill cut short is dropped when the file is next opened.
 */
public final class EmbeddingCache {
  private static final int HASH_BYTES = 32;
  private static final int CHECKSUM_BYTES = 8;

  private final Path file;
  private final int width;
  private final Map<String, float[]> vectors = new ConcurrentHashMap<>();

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
    if (Files.exists(file)) {
      cache.read();
    }
    return cache;
  }

  private int recordBytes() {
    return HASH_BYTES + width * Float.BYTES + CHECKSUM_BYTES;
  }

  private void read() throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int good = 0;
    while (bytes.remaining() >= recordBytes()) {
      byte[] content = new byte[recordBytes() - CHECKSUM_BYTES];
      bytes.get(content);
      if (bytes.getLong() != checksum(content)) {
        break;
      }
      float[] vector = new float[width];
      ByteBuffer.wrap(content, HASH_BYTES, width * Float.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(vector);
      vectors.put(HexFormat.of().formatHex(content, 0, HASH_BYTES), vector);
      good = bytes.position();
    }
    if (good < bytes.limit()) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(good);
      }
    }
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

  /** Number of embeddings. */
  public int size() {
    return vectors.size();
  }

  /** Adds embeddings by SHA-256 and writes them to the file. */
  void addAll(Map<String, float[]> fresh) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(fresh.size() * recordBytes()).order(ByteOrder.LITTLE_ENDIAN);
    fresh.forEach((hash, vector) -> {
      int start = bytes.position();
      bytes.put(HexFormat.of().parseHex(hash));
      bytes.asFloatBuffer().put(vector);
      bytes.position(bytes.position() + width * Float.BYTES);
      bytes.putLong(checksum(Arrays.copyOfRange(bytes.array(), start, bytes.position())));
      vectors.put(hash, vector.clone());
    });
    Files.write(file, bytes.array(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
