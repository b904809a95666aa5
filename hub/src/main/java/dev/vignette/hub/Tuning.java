package dev.vignette.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a pull goes about it; the tests have their own.
 *
 * @param connections ranges of one file, or small files, that are fetched at a time
 * @param rangeBytes bytes of a range; a file that has no more is fetched in one piece
 * @param stall how long a connection may send nothing before it is given up
 */
record Tuning(
    int connections,
    long rangeBytes,
    Duration stall,
    Retries.Pause pause,
    DiskSpace space,
    PartialBlob.BlockWriter writer) {

  static final Tuning USUAL =
      new Tuning(
          4,
          16L << 20,
          Duration.ofSeconds(60),
          Thread::sleep,
          folder -> Files.getFileStore(folder).getUsableSpace(),
          PartialBlob.WRITES);

  /** Tells how many bytes a folder's disk has free. */
  @FunctionalInterface
  interface DiskSpace {
    long usable(Path folder) throws IOException;
  }
}
