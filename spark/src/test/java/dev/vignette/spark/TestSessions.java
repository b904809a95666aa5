package dev.vignette.spark;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** The Spark of these tests: one session at a time in this JVM, kept as long as it serves. */
final class TestSessions {
  private static final String LOCAL = "local[2]";

  private TestSessions() {}

  /** Two tasks at a time in this JVM; no flags. */
  static SparkSession local() {
    return session(LOCAL, SparkSession.builder());
  }

  private static synchronized SparkSession session(String master, SparkSession.Builder builder) {
    if (SparkSession.getActiveSession().isDefined()
        && !SparkSession.active().sparkContext().master().equals(master)) {
      SparkSession.active().stop();
    }
    System.setProperty("vignette.home", root().toString());
    return builder
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
  static Path root() {
    return Path.of(System.getProperty("vignette.root"));
  }

  /** 300 images that the miniature models know. */
  static Path images() {
    return root().resolve("models/mini/data/images/val");
  }
}
