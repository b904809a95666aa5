package dev.vignette.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The table of contents of a zip archive in memory, ZIP64 included, for archives whose entries are
 * stored uncompressed (PKWARE APPNOTE 6.3.9, sections 4.3.7 to 4.3.16).
 */
final class ZipDirectory {
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int END_BYTES = 22;
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int LOCATOR64_SIGNATURE = 0x07064b50;
  private static final int ENTRY_SIGNATURE = 0x02014b50;
  private static final long IN_ZIP64 = 0xFFFFFFFFL;

  /**
   * A stored entry.
   *
   * @param offset first byte of its data in the file
   * @param bytes size of its data
   */
  record Entry(long offset, long bytes) {}

  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private ZipDirectory() {}

  static ZipDirectory of(MemorySegment file) {
    long end = findEnd(file);
    long count = u16(file, end + 10);
    long at = u32(file, end + 16);
    if (end >= 20 && file.get(U32, end - 20) == LOCATOR64_SIGNATURE) {
      long end64 = file.get(U64, end - 20 + 8);
      count = file.get(U64, end64 + 32);
      at = file.get(U64, end64 + 48);
    }
    ZipDirectory directory = new ZipDirectory();
    for (long i = 0; i < count; i++) {
      at = directory.add(file, at);
    }
    return directory;
  }

  private static long findEnd(MemorySegment file) {
    long last = file.byteSize() - END_BYTES;
    for (long at = last; at >= Math.max(0, last - 0xFFFF); at--) {
      if (file.get(U32, at) == END_SIGNATURE) {
        return at;
      }
    }
    throw new WeightsException("the zip archive has no end record; the file is cut short");
  }

  /** Adds the entry at {@code at} of the central directory and returns where the next begins. */
  private long add(MemorySegment file, long at) {
    if (file.get(U32, at) != ENTRY_SIGNATURE) {
      throw new WeightsException("the zip directory is damaged at byte " + at);
    }
    int nameBytes = u16(file, at + 28);
    int extraBytes = u16(file, at + 30);
    String name =
        new String(
            file.asSlice(at + 46, nameBytes).toArray(ValueLayout.JAVA_BYTE),
            StandardCharsets.UTF_8);
    if (u16(file, at + 10) != 0) {
      throw new WeightsException(
          "its entry %s is compressed; save it again with torch.save".formatted(name));
    }
    long packed = u32(file, at + 20);
    long size = u32(file, at + 24);
    long local = u32(file, at + 42);
    long extra = at + 46 + nameBytes;
    for (long e = extra; e + 4 <= extra + extraBytes; e += 4 + u16(file, e + 2)) {
      if (u16(file, e) == 1) {
        long field = e + 4;
        if (size == IN_ZIP64) {
          size = file.get(U64, field);
          field += Long.BYTES;
        }
        if (packed == IN_ZIP64) {
          field += Long.BYTES;
        }
        if (local == IN_ZIP64) {
          local = file.get(U64, field);
        }
      }
    }
    long data = local + 30 + u16(file, local + 26) + u16(file, local + 28);
    if (data + size > file.byteSize()) {
      throw new WeightsException(
          "its entry %s ends beyond the file; copy it again".formatted(name));
    }
    entries.put(name, new Entry(data, size));
    return extra + extraBytes + u16(file, at + 32);
  }

  private static int u16(MemorySegment file, long at) {
    return Short.toUnsignedInt(file.get(U16, at));
  }

  private static long u32(MemorySegment file, long at) {
    return Integer.toUnsignedLong(file.get(U32, at));
  }

  Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new WeightsException("it has no entry %s".formatted(name));
    }
    return entry;
  }

  String onlyNameEndingWith(String end) {
    List<String> names = entries.keySet().stream().filter(n -> n.endsWith(end)).toList();
    if (names.size() != 1) {
      throw new WeightsException(
          "it has %d entries named %s, not one".formatted(names.size(), end));
    }
    return names.getFirst();
  }
}
