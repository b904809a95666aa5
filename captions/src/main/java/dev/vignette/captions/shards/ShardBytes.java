package dev.vignette.captions.shards;

import dev.vignette.files.ContentHash.FileLook;
import dev.vignette.files.WholeGzip;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads pictures out of the shards of a run, on any thread. Out of a plain tar a picture is read
 * where it lies. One that is packed by gzip can be unpacked from its beginning only: it is unpacked
 * once as the run goes through it, and the pictures last met are kept for the threads that come a
 * little late.
 */
public final class ShardBytes {
  private static final int MOST_KEPT = 64;
  private static final long MOST_BYTES_KEPT = 1L << 28;
  private static final String SHORTER = "its shard has become shorter";
  private static final int BUFFER = 1 << 16;

  private static final String CHANGED =
      "its shard changed while the run went on; run the same command again";

  private final Map<Path, FileLook> looks = new HashMap<>();
  private final Set<Path> packed = new HashSet<>();

  /** Guards all below: there is one packed shard that is open. */
  private final Object unpacking = new Object();

  private final Map<Path, NavigableMap<Long, Integer>> places = new HashMap<>();
  private final LinkedHashMap<Place, byte[]> kept = new LinkedHashMap<>();
  private long bytesKept;
  private @Nullable Path open;
  private @Nullable InputStream in;
  private long at;

  /** Knows of no shard yet. */
  public ShardBytes() {}

  private record Place(Path shard, long data) {}

  /** Says, before anything is read, that a shard is about to be looked through. */
  void isListed(Path shard) throws IOException {
    looks.put(shard, FileLook.at(shard));
  }

  /** Whether a shard is the very file that was looked through, as it was then. */
  boolean isUnchanged(Path shard) throws IOException {
    return FileLook.at(shard).equals(looks.get(shard));
  }

  /** Says, before anything is read, that a shard is packed by gzip. */
  void isPacked(Path shard) {
    packed.add(shard);
  }

  /** Says, before anything is read, where pictures lie in a shard that is packed. */
  void isAt(Path shard, long data, int size) {
    if (packed.contains(shard)) {
      places.computeIfAbsent(shard, _ -> new TreeMap<>()).put(data, size);
    }
  }

  /**
   * The bytes of a picture.
   *
   * @throws IOException if they cannot be read, or the shard is no longer what was looked through
   */
  byte[] read(Path shard, long data, int size) throws IOException {
    byte[] bytes = readThere(shard, data, size);
    if (!isUnchanged(shard)) {
      throw new IOException(CHANGED);
    }
    return bytes;
  }

  private byte[] readThere(Path shard, long data, int size) throws IOException {
    if (packed.contains(shard)) {
      synchronized (unpacking) {
        return unpack(new Place(shard, data), size);
      }
    }
    ByteBuffer bytes = ByteBuffer.allocate(size);
    try (FileChannel channel = FileChannel.open(shard)) {
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, data + bytes.position()) < 0) {
          throw new IOException(SHORTER);
        }
      }
    }
    return bytes.array();
  }

  private byte[] unpack(Place place, int size) throws IOException {
    byte[] known = kept.get(place);
    if (known != null) {
      return known;
    }
    try {
      if (!place.shard.equals(open) || at > place.data) {
        begin(place.shard);
      }
      byte[] last = new byte[0];
      for (Map.Entry<Long, Integer> next :
          places
              .getOrDefault(place.shard, new TreeMap<>())
              .subMap(at, true, place.data, true)
              .entrySet()) {
        last = take(new Place(place.shard, next.getKey()), next.getValue());
      }
      if (last.length != size) {
        throw new IOException("its places are not those of this picture");
      }
      return last;
    } catch (IOException failure) {
      close();
      throw failure instanceof EOFException ? new IOException(SHORTER, failure) : failure;
    }
  }

  private void begin(Path shard) throws IOException {
    close();
    in =
        new BufferedInputStream(
            new WholeGzip(new BufferedInputStream(Files.newInputStream(shard), BUFFER), BUFFER),
            BUFFER);
    open = shard;
    at = 0;
  }

  private byte[] take(Place place, int size) throws IOException {
    InputStream from = in;
    if (from == null) {
      throw new IllegalStateException("A shard is open while it is unpacked, but none is");
    }
    from.skipNBytes(place.data - at);
    byte[] bytes = from.readNBytes(size);
    if (bytes.length < size) {
      throw new EOFException();
    }
    at = place.data + size;
    kept.put(place, bytes);
    bytesKept += size;
    while (kept.size() > MOST_KEPT || (bytesKept > MOST_BYTES_KEPT && kept.size() > 1)) {
      bytesKept -= kept.pollFirstEntry().getValue().length;
    }
    return bytes;
  }

  private void close() throws IOException {
    InputStream before = in;
    in = null;
    open = null;
    if (before != null) {
      before.close();
    }
  }
}
