package dev.vignette.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** SHA-256 of files and texts, in lower-case hexadecimal digits. */
public final class ContentHash {
  private static final int BLOCK_BYTES = 1 << 16;
  private static final int SAMPLES = 256;

  private ContentHash() {}

  /** Of all bytes of {@code file}: 64 digits. */
  public static String of(Path file) throws IOException {
    MessageDigest digest = sha256();
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(block.clear()) >= 0) {
        digest.update(block.flip());
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Of the length of {@code file} and 256 blocks of 64 KiB spread evenly over it, the first and the
   * last among them: 64 digits. Tells one file of weights from another in milliseconds where
   * reading gigabytes would take longer than the work; a file of 16 MiB or less is read whole.
   */
  public static String sampled(Path file) throws IOException {
    MessageDigest digest = sha256();
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
    try (FileChannel channel = FileChannel.open(file)) {
      long length = channel.size();
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(length).flip());
      long last = Math.max(0, length - BLOCK_BYTES);
      long blocks = Math.min(SAMPLES, Math.ceilDiv(length, BLOCK_BYTES));
      for (long i = 0; i < blocks; i++) {
        long offset = blocks == 1 ? 0 : last * i / (blocks - 1);
        readBlock(channel, offset, block);
        digest.update(block.flip());
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void readBlock(FileChannel channel, long offset, ByteBuffer block)
      throws IOException {
    block.clear();
    while (block.hasRemaining() && channel.read(block, offset + block.position()) >= 0) {
      // A read may stop short of the end of the block.
    }
  }

  /** Of {@code bytes}: 64 digits. */
  public static String of(byte[] bytes) {
    return HexFormat.of().formatHex(sha256().digest(bytes));
  }

  /** Of {@code text} in UTF-8: 64 digits. */
  public static String ofText(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A digest to be fed piece by piece. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException failure) {
      throw new IllegalStateException("Every Java platform has SHA-256, but this has not", failure);
    }
  }

  /**
   * What tells, without reading it, whether a file was written or replaced since: two looks at a
   * file that stayed as it was are equal.
   *
   * @param size in bytes, -1 if there is none
   * @param modified when its content changed last
   * @param file which file it is, where the system tells
   */
  public record FileLook(long size, FileTime modified, @Nullable Object file) {
    private static final FileLook NONE = new FileLook(-1, FileTime.fromMillis(0), null);

    /**
     * Looks at a file, which need not be there.
     *
     * @throws IOException if that is not allowed
     */
    public static FileLook at(Path file) throws IOException {
      try {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        return new FileLook(now.size(), now.lastModifiedTime(), now.fileKey());
      } catch (NoSuchFileException _) {
        return NONE;
      }
    }
  }
}
