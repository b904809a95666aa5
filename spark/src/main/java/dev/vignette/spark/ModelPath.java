package dev.vignette.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkFiles;

/** Finds files of a model where a task runs: under the path that was named, or sent by Spark. */
final class ModelPath {
  private ModelPath() {}

  /**
   * Finds a file or folder.
   *
   * @param what it is, for the message
   * @param named a path that all machines share, or whose last part Spark has sent
   * @throws IllegalArgumentException if it is at neither place
   */
  static Path find(String what, String named) {
    Path path = Path.of(named);
    if (Files.exists(path)) {
      return path;
    }
    Path name = path.getFileName();
    if (SparkEnv.get() != null && name != null) {
      Optional<Path> sent = sent(name);
      if (sent.isPresent()) {
        return sent.get();
      }
    }
    throw new IllegalArgumentException(
        "%s '%s' is not on this machine: put it on a path that all machines share, or have Spark send it (--send-model, in Java sendModel)"
            .formatted(what, named));
  }

  /**
   * Where Spark has put what it sent: by {@code spark-submit --files} into its folder, by {@link
   * SentFiles} into one for the session within, whose name it does not tell to tasks.
   */
  private static Optional<Path> sent(Path name) {
    Path root = Path.of(SparkFiles.getRootDirectory()).toAbsolutePath().normalize();
    try (Stream<Path> within = Files.list(root)) {
      return Stream.concat(Stream.of(root), within.filter(Files::isDirectory))
          .map(folder -> folder.resolve(name))
          .filter(Files::exists)
          .findFirst();
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
