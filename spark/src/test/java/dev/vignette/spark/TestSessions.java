package dev.vignette.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/** The Spark of these tests: one session at a time in this JVM, kept as long as it serves. */
public final class TestSessions {
  private static final String LOCAL = "local[2]";

  private TestSessions() {}

  /** Two tasks at a time in this JVM, which needs no flags. */
  public static SparkSession local() {
    return session(LOCAL, SparkSession::builder);
  }

  /** Two executors of one task each, in JVMs of their own. */
  static SparkSession cluster() {
    return session("local-cluster[2,1,1200]", () -> ClusterJars.configure(SparkSession.builder()));
  }

  private static synchronized SparkSession session(
      String master, Supplier<SparkSession.Builder> builder) {
    if (SparkSession.getDefaultSession().isDefined()) {
      SparkSession running = SparkSession.getDefaultSession().get();
      if (!running.sparkContext().isStopped() && running.sparkContext().master().equals(master)) {
        return running;
      }
      running.stop();
    }
    System.setProperty("vignette.home", root().toString());
    System.setProperty("spark.master", master);
    return builder
        .get()
        .master(master)
        .appName("vignette tests")
        .config("spark.ui.enabled", false)
        .config("spark.driver.host", "localhost")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", 2)
        .config("spark.sql.warehouse.dir", System.getProperty("java.io.tmpdir"))
        .getOrCreate();
  }

  /** The checkout. */
  public static Path root() {
    return Path.of(System.getProperty("vignette.root"));
  }

  /** 300 images that the miniature models know. */
  public static Path images() {
    return root().resolve("models/mini/data/images/val");
  }

  /** The first of those images. */
  public static List<Path> images(int count) {
    try (Stream<Path> all = Files.list(images())) {
      return all.sorted().limit(count).toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Makes a folder with the first of those images. */
  public static Path folder(Path folder, int count) {
    try {
      Files.createDirectories(folder);
      for (Path image : images(count)) {
        Files.copy(image, folder.resolve(image.getFileName()));
      }
      return folder;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
