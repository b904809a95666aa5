package dev.vignette.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The two hashes that the hub names files by: SHA-256 of large files, and git's blob hash of small
 * ones, SHA-1 over {@code blob SIZE\0} and the content.
 */
final class ContentCheck {
  private static final int BUFFER_BYTES = 1 << 18;
  private static final int SHA256_DIGITS = 64;

  private ContentCheck() {}

  /** Whether a tag is one of the two. */
  static boolean isHash(String tag) {
    return tag.matches("[0-9a-f]{40}|[0-9a-f]{64}");
  }

  /** The hash of a file's content, of the kind that {@code like} is. */
  static String hash(Path file, String like) throws IOException {
    boolean large = like.length() == SHA256_DIGITS;
    MessageDigest digest = digest(large ? "SHA-256" : "SHA-1");
    if (!large) {
      digest.update(
          String.format(Locale.ROOT, "blob %d\0", Files.size(file))
              .getBytes(StandardCharsets.UTF_8));
    }
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException everyJavaHasIt) {
      throw new IllegalStateException(everyJavaHasIt);
    }
  }
}
