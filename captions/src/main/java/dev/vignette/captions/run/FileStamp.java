package dev.vignette.captions.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Size and time of the last change of a file, by which an unchanged file is known without reading
 * it. A file that changed less than two seconds before it was looked at could change again within
 * one tick of the file system's clock; its stamp says {@link #UNSETTLED} and equals none.
 *
 * @param size bytes
 * @param modified nanoseconds since 1970, or {@link #UNSETTLED}
 */
record FileStamp(long size, long modified) {
  static final long UNSETTLED = 0;
  private static final Duration SETTLING = Duration.ofSeconds(2);

  /** The stamp of {@code file} looked at {@code now}. */
  static FileStamp of(Path file, Instant now) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    boolean settled = attributes.lastModifiedTime().toInstant().isBefore(now.minus(SETTLING));
    return new FileStamp(
        attributes.size(),
        settled ? attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS) : UNSETTLED);
  }

  /** Whether a file with this stamp now is the file that had {@code before}. */
  boolean provesSameAs(FileStamp before) {
    return modified != UNSETTLED && equals(before);
  }
}
