package dev.vignette.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.llava.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two executors in JVMs of their own, which have our jars from the driver. */
@Timeout(1800) // against hanging only
class ClusterTest {

  @BeforeAll
  static void requireCluster() {
    assumeTrue(ClusterJars.missing().isBlank(), () -> "this test needs " + ClusterJars.missing());
  }

  @AfterAll
  static void stop() {
    if (ClusterJars.missing().isBlank()) {
      TestSessions.cluster().stop();
    }
  }

  private static Dataset<Row> images(SparkSession spark, int count, int tasks) {
    return spark
        .read()
        .format("binaryFile")
        .load(TestSessions.images().toString())
        .selectExpr("regexp_extract(path, '([0-9]+)[.]jpg$', 1) as key", "content")
        .filter("cast(key as int) <= " + count)
        .repartition(tasks);
  }

  private static Map<String, String> column(List<Row> rows, String column) {
    Map<String, String> values = new TreeMap<>();
    rows.stream()
        .filter(row -> row.getAs(column) != null)
        .forEach(row -> values.put(row.getAs("key"), row.getAs(column)));
    return values;
  }

  @Test
  void executorsSayWhatTheCommandLineSaysThoughOneIsKilled() {
    SparkSession spark = TestSessions.cluster();
    ImageCaptionTransformer captioner =
        new ImageCaptionTransformer().setKeyCol("key").setKeepsImage(false).setDevice("cpu");
    Dataset<Row> captioned = captioner.transform(images(spark, 300, 20));
    CaptionMetrics metrics = Objects.requireNonNull(captioner.metrics());
    CompletableFuture<Long> killed = new CompletableFuture<>();
    SparkListener killer =
        new SparkListener() {
          @Override
          public void onTaskEnd(SparkListenerTaskEnd task) {
            if (metrics.images().value() >= 45 && !killed.isDone()) {
              killed.complete(killExecutor());
            }
          }
        };
    spark.sparkContext().addSparkListener(killer);

    List<Row> rows = captioned.collectAsList();

    spark.sparkContext().removeSparkListener(killer);
    assertThat(killed).isCompletedWithValueMatching(pid -> pid > 0);
    assertThat(column(rows, "error")).isEmpty();
    assertThat(column(rows, "caption")).isEqualTo(CommandLineCaptions.ofAllByLlava());
  }

  @Test
  void aTaskComputesOnTheCardsThatSparkGivesIt() {
    Dataset<Long> numbers = TestSessions.cluster().range(0, 2, 1, 2).as(Encoders.LONG());

    Dataset<String> automatic = numbers.map(places("auto"), Encoders.STRING());
    Dataset<String> processor = numbers.map(places("cpu"), Encoders.STRING());

    assertThat(automatic.collectAsList()).containsExactly("[cuda:3]", "[cuda:3]");
    assertThat(processor.collectAsList()).containsExactly("[cpu]", "[cpu]");
  }

  private static MapFunction<Long, String> places(String device) {
    return _ ->
        ComputePlace.ofTask(TaskContext.get(), device).stream()
            .map(ComputePlace::device)
            .toList()
            .toString();
  }

  /** Returns the number of the process, 0 if there was none. */
  private static long killExecutor() {
    return ProcessHandle.current()
        .descendants()
        .filter(ClusterTest::isExecutor)
        .findFirst()
        .filter(ProcessHandle::destroyForcibly)
        .map(ProcessHandle::pid)
        .orElse(0L);
  }

  private static boolean isExecutor(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
          .contains("CoarseGrainedExecutorBackend");
    } catch (IOException _) {
      return false; // it has ended
    }
  }

  @Test
  void anImageThatKillsWhateverDecodesItIsARowWithAnError() {
    SparkSession spark = TestSessions.cluster();
    Dataset<Row> images = images(spark, 30, 5);
    EmbeddedModel embedded = EmbeddedModel.find();
    PoisonedSource source =
        new PoisonedSource(
            embedded.languageModel().toAbsolutePath().toString(),
            embedded.projector().toAbsolutePath().toString(),
            "000000000017");
    CaptionColumns columns = CaptionColumns.of(images.schema(), "key", "content", false);

    List<Row> rows =
        images
            .mapPartitions(
                new CaptionPartitions(
                    source,
                    source.fingerprint(),
                    "cpu",
                    Isolation.RETRY,
                    columns,
                    CaptionMetrics.of(spark.sparkContext())),
                Encoders.row(columns.output(images.schema())))
            .collectAsList();

    assertThat(rows).hasSize(30);
    assertThat(column(rows, "error")).containsOnlyKeys("000000000017");
    assertThat(column(rows, "error").get("000000000017")).contains("process of the model ended");
    Map<String, String> captions = column(rows, "caption");
    assertThat(captions).hasSize(29);
    assertThat(CommandLineCaptions.ofAllByLlava()).containsAllEntriesOf(captions);
  }
}
