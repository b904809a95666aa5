package dev.vignette.files;

import java.nio.charset.StandardCharsets;

/** Names of files beside others, short enough for a file system. */
final class FileNames {
  /** What common file systems take: ext4, XFS, APFS, NTFS. */
  private static final int MOST_BYTES = 255;

  private FileNames() {}

  /**
   * Joins {@code before + name + after}; where that is longer than 255 bytes in UTF-8, the end of
   * {@code name} becomes a hash of it.
   */
  static String fitting(String before, String name, String after) {
    String whole = before + name + after;
    if (bytes(whole) <= MOST_BYTES) {
      return whole;
    }
    String hash = "~%08x".formatted(name.hashCode());
    int room = MOST_BYTES - bytes(before) - bytes(hash) - bytes(after);
    int end = 0;
    int used = 0;
    while (end < name.length()) {
      int letter = name.codePointAt(end);
      used += bytes(Character.toString(letter));
      if (used > room) {
        break;
      }
      end += Character.charCount(letter);
    }
    return before + name.substring(0, end) + hash + after;
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
