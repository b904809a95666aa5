package dev.vignette.spark;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkFiles;

/** Finds files of a model where a task runs: under the path that was named, or sent by Spark. */
final class ModelPath {
  private ModelPath() {}

  /**
   * Finds a file or folder.
   *
   * @param what it is, for the message
   * @param named a path that all machines share, or whose last part was sent by {@code spark.files}
   * @throws IllegalArgumentException if it is at neither place
   */
  static Path find(String what, String named) {
    Path path = Path.of(named);
    if (Files.exists(path)) {
      return path;
    }
    Path name = path.getFileName();
    if (SparkEnv.get() != null && name != null) {
      Path sent = Path.of(SparkFiles.get(name.toString()));
      if (Files.exists(sent)) {
        return sent;
      }
    }
    throw new IllegalArgumentException(
        "%s '%s' is not on this machine: put it on a path that all machines share, or have Spark send it (spark-submit --files %s)"
            .formatted(what, named, named));
  }
}
