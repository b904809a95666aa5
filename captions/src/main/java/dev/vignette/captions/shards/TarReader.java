package dev.vignette.captions.shards;

import dev.vignette.captions.reading.JsonCursor;
import dev.vignette.files.WholeGzip;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * The files of a tar one after another, as they come, with GNU's long names and the {@code path}
 * and {@code size} of PAX. Folders and devices are passed over. What is wrong is an item of its
 * own, and reading goes on behind it at the next header that is good.
 */
final class TarReader implements AutoCloseable {
  private static final int MOST_NAME_BYTES = 1 << 20;
  private static final String AGAIN = "Get the shard again.";

  private final String shard;
  private final InputStream in;
  private final boolean packed;

  /** Where the next byte is, unpacked. */
  private long at;

  /** Bytes of the last entry that were not read, and those that fill its last block. */
  private long unread;

  private long padding;

  private @Nullable TarHeader found;
  private long foundAt;
  private boolean nameLost;
  private boolean ended;
  private String inEntry = "";

  /**
   * A tar at its beginning, packed by gzip or not; errors call it {@code shard}.
   *
   * @param buffer bytes that are read at once
   */
  TarReader(InputStream in, String shard, int buffer) throws IOException {
    this.shard = shard;
    BufferedInputStream buffered = new BufferedInputStream(in, buffer);
    InputStream unpacked;
    try {
      unpacked = JsonCursor.unpacked(buffered);
    } catch (IOException failure) {
      buffered.close();
      throw failure;
    }
    packed = unpacked instanceof WholeGzip;
    this.in = packed ? new BufferedInputStream(unpacked, buffer) : unpacked;
  }

  /** Whether the tar is packed by gzip. */
  boolean isPacked() {
    return packed;
  }

  /** A file, or what is wrong. */
  sealed interface Item {
    /** Returns where it begins, in bytes of the unpacked tar. */
    long offset();
  }

  /**
   * A file.
   *
   * @param offset of its first header
   * @param name as the tar has it
   * @param data where its bytes begin
   * @param size its bytes
   */
  record Entry(long offset, String name, long data, long size) implements Item {}

  /**
   * Something that is wrong.
   *
   * @param message a whole sentence with the shard's name
   * @param cutsEntry whether the last file is not whole, after which nothing follows
   */
  record Damage(long offset, String message, boolean cutsEntry) implements Item {
    Damage(long offset, String message) {
      this(offset, message, false);
    }
  }

  /** What headers before a file's own say of it. */
  private record Told(long offset, Map<String, String> pax, @Nullable String longName) {}

  /**
   * Goes to the next file or fault; null at the end.
   *
   * @throws IOException if the shard cannot be read, though nothing is wrong with its content
   */
  @Nullable Item next() throws IOException {
    if (ended) {
      return null;
    }
    try {
      skip(unread);
      unread = 0;
      inEntry = "";
      skip(padding);
      padding = 0;
      return read();
    } catch (EOFException _) {
      return cutShort();
    } catch (ZipException failure) {
      return unpackable(failure);
    }
  }

  /**
   * The bytes of the entry that {@link #next} returned last.
   *
   * @return empty if the tar ends within; {@link #next} then says so
   */
  Optional<byte[]> content(Entry entry) throws IOException {
    if (at != entry.data()) {
      throw new IllegalStateException("An entry is read once, and before the next one");
    }
    byte[] content = new byte[Math.toIntExact(entry.size())];
    try {
      int read = in.readNBytes(content, 0, content.length);
      at += read;
      unread -= read;
      return read == content.length ? Optional.of(content) : Optional.empty();
    } catch (EOFException | ZipException _) {
      unread = Math.max(1, unread); // the next reading meets the same
      return Optional.empty();
    }
  }

  private void skip(long bytes) throws IOException {
    in.skipNBytes(bytes);
    at += bytes;
  }

  /** Leaves the data of an entry to whoever wants it. */
  private void leave(long size) {
    unread = size;
    padding = TarHeader.padded(size) - size;
  }

  private @Nullable Item read() throws IOException {
    Told told = new Told(-1, Map.of(), null);
    while (true) {
      long offset = found == null ? at : foundAt;
      TarHeader header = found == null ? block() : found;
      found = null;
      if (header == null) {
        ended = true;
        return new Damage(
            offset,
            offset == 0
                ? "%s is empty. %s".formatted(shard, AGAIN)
                : "%s ends at byte %d without the blocks of zeros that end a tar, so it may have been cut short. %s"
                    .formatted(shard, offset, AGAIN));
      }
      if (header.isZero()) {
        return end(offset);
      }
      if (!header.isGood()) {
        return damaged(header, offset);
      }
      long begun = told.offset < 0 ? offset : told.offset;
      long size = header.size().orElseThrow();
      if (size > MOST_NAME_BYTES && "xXL".indexOf(header.type()) >= 0) {
        skip(TarHeader.padded(size));
        return damaged(header, offset);
      }
      switch (header.type()) {
        case 'L' -> told = new Told(begun, told.pax, name(meta(size)));
        case 'x', 'X' -> {
          Optional<Map<String, String>> records = pax(meta(size));
          if (records.isEmpty()) {
            return damaged(header, offset);
          }
          told = new Told(begun, records.get(), told.longName);
        }
        case 'g', 'K' -> {
          meta(size);
          told = new Told(begun, told.pax, told.longName);
        }
        case '1', '2' -> {
          nameLost = false;
          String name = name(header, told).orElse("?");
          if (name.indexOf('.', name.lastIndexOf('/') + 1) >= 0) {
            return new Damage(
                begun,
                "%s, byte %d: the entry %s is a link, which has no bytes of its own and is not read. Write the shard with the file itself (tar --dereference --hard-dereference)."
                    .formatted(shard, begun, name));
          }
          told = new Told(-1, Map.of(), null);
        }
        case '3', '4', '5', '6' -> {
          told = new Told(-1, Map.of(), null);
          nameLost = false;
        }
        case '0', '\0', '7' -> {
          Optional<Item> item = file(header, told, begun);
          if (item.isPresent()) {
            return item.get();
          }
          told = new Told(-1, Map.of(), null);
        }
        default -> {
          leave(size);
          return new Damage(
              begun,
              "%s, byte %d: the entry %s is of a kind that is not read ('%s'), such as a sparse file. Write it as a plain file."
                  .formatted(shard, begun, header.name().orElse("?"), header.type()));
        }
      }
    }
  }

  /** The file of a good header; empty if it is a folder as version 7 has them. */
  private Optional<Item> file(TarHeader header, Told told, long begun) throws IOException {
    Optional<Long> size = size(header, told);
    Optional<String> name = name(header, told);
    if (size.isEmpty()) {
      return Optional.of(damaged(header, begun));
    }
    leave(size.get());
    boolean lost = nameLost && told.longName == null && !told.pax.containsKey("path");
    nameLost = false;
    if (lost) {
      return Optional.of(
          new Damage(
              begun,
              "%s, byte %d: the name of an entry was lost with the damaged header before it. %s"
                  .formatted(shard, begun, AGAIN)));
    }
    if (name.isEmpty() || name.get().chars().anyMatch(c -> c == '\uFFFD' || c == 0)) {
      return Optional.of(
          new Damage(
              begun,
              "%s, byte %d: the name of an entry is no UTF-8, so it cannot be a key. Rename it."
                  .formatted(shard, begun)));
    }
    if (name.get().endsWith("/")) {
      return Optional.empty();
    }
    if (told.pax.keySet().stream().anyMatch(key -> key.startsWith("GNU.sparse."))) {
      return Optional.of(
          new Damage(
              begun,
              "%s, byte %d: the entry %s is a sparse file, which is not read. Write it as a plain file."
                  .formatted(shard, begun, name.get())));
    }
    inEntry = name.get();
    return Optional.of(new Entry(begun, name.get(), at, size.get()));
  }

  private static Optional<String> name(TarHeader header, Told told) {
    String path = told.pax.get("path");
    if (path != null) {
      return Optional.of(path);
    }
    return told.longName == null ? header.name() : Optional.of(told.longName);
  }

  private static Optional<Long> size(TarHeader header, Told told) {
    String stated = told.pax.get("size");
    if (stated == null) {
      return header.size();
    }
    try {
      return Optional.of(Long.parseLong(stated)).filter(TarHeader::isPossible);
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  /** The next block, null at the very end. */
  private @Nullable TarHeader block() throws IOException {
    byte[] block = new byte[TarHeader.BLOCK];
    int read = in.readNBytes(block, 0, block.length);
    at += read;
    if (read != 0 && read < block.length) {
      throw new EOFException();
    }
    return read == 0 ? null : new TarHeader(block);
  }

  private byte[] meta(long size) throws IOException {
    if (size > MOST_NAME_BYTES) {
      skip(TarHeader.padded(size));
      return new byte[0];
    }
    byte[] content = new byte[(int) TarHeader.padded(size)];
    int read = in.readNBytes(content, 0, content.length);
    at += read;
    if (read < content.length) {
      throw new EOFException();
    }
    return Arrays.copyOf(content, (int) size);
  }

  private static String name(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  /** The records {@code "LENGTH KEY=VALUE\n"} of PAX; empty if they are none. */
  private static Optional<Map<String, String>> pax(byte[] bytes) {
    Map<String, String> records = new HashMap<>();
    int at = 0;
    while (at < bytes.length && bytes[at] != 0) { // some fill the rest with zeros
      int space = at;
      int length = 0;
      while (space < bytes.length && bytes[space] >= '0' && bytes[space] <= '9') {
        length = Math.min(MOST_NAME_BYTES, 10 * length + bytes[space++] - '0');
      }
      int end = at + length;
      if (space == bytes.length || bytes[space] != ' ' || end > bytes.length || end <= space + 1) {
        return Optional.empty();
      }
      String record = new String(bytes, space + 1, end - space - 2, StandardCharsets.UTF_8);
      int equals = record.indexOf('=');
      if (equals > 0) {
        records.put(record.substring(0, equals), record.substring(equals + 1));
      }
      at = end;
    }
    return Optional.of(records);
  }

  /** At zeros: the end, unless a header follows. */
  private @Nullable Item end(long offset) throws IOException {
    if (!findHeader()) {
      ended = true;
      return null;
    }
    return new Damage(
        offset,
        "%s has zeros at byte %d, as at the end of a tar, and goes on at byte %d; what should lie between is lost, or two shards were joined. %s"
            .formatted(shard, offset, foundAt, AGAIN));
  }

  private Item damaged(TarHeader header, long offset) throws IOException {
    nameLost = "xXL".indexOf(header.type()) >= 0;
    String named =
        header
            .name()
            .filter(name -> !name.isEmpty() && name.chars().allMatch(c -> c > ' ' && c != 0x7F))
            .map(name -> " (it says \"%s\")".formatted(name))
            .orElse("");
    if (findHeader()) {
      return new Damage(
          offset,
          "%s, byte %d: the header of an entry is damaged%s, and it is left out; reading goes on at byte %d. %s"
              .formatted(shard, offset, named, foundAt, AGAIN));
    }
    ended = true;
    return new Damage(
        offset,
        offset == 0
            ? "%s is no tar: its first block is the header of no entry. Name tar files only, or get this one again."
                .formatted(shard)
            : "%s, byte %d: the header of an entry is damaged%s, and no good one follows; the rest is lost. %s"
                .formatted(shard, offset, named, AGAIN));
  }

  /** Reads on to the next header that is surely good; false at the end. */
  private boolean findHeader() throws IOException {
    try {
      while (true) {
        long offset = at;
        TarHeader header = block();
        if (header == null) {
          return false;
        }
        if (header.isSurelyGood()) {
          found = header;
          foundAt = offset;
          return true;
        }
      }
    } catch (EOFException _) {
      return false;
    }
  }

  private Item cutShort() {
    ended = true;
    return new Damage(
        at,
        "%s is cut short%s. %s"
            .formatted(
                shard,
                inEntry.isEmpty()
                    ? " within a header at byte " + at
                    : " within the entry %s, behind byte %d".formatted(inEntry, at),
                AGAIN),
        !inEntry.isEmpty());
  }

  private Item unpackable(ZipException failure) {
    ended = true;
    return new Damage(
        at,
        "%s: its gzip data is damaged behind byte %d of what is unpacked (%s). %s"
            .formatted(shard, at, failure.getMessage(), AGAIN),
        !inEntry.isEmpty());
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
