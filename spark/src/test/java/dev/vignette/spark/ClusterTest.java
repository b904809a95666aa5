package dev.vignette.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.llava.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
import org.junit.jupiter.api.io.TempDir;

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
  void aModelIsSentToMachinesThatDoNotHaveIt() throws IOException {
    EmbeddedModel embedded = EmbeddedModel.find();
    Path here = ofThisProcessOnly();
    List<String> links = new ArrayList<>();
    for (Path file : List.of(embedded.languageModel(), embedded.projector())) {
      // As in Hugging Face's cache.
      String blob = "blob" + links.size();
      Files.copy(file, here.resolve(blob));
      Path link = here.resolve(file.getFileName());
      links.add(Files.createSymbolicLink(link, Path.of(blob)).toString());
    }
    ImageCaptionTransformer captioner =
        new ImageCaptionTransformer()
            .setModel(links.getFirst(), links.getLast())
            .setDevice("cpu")
            .setKeyCol("key");

    String fingerprint = captioner.fingerprint();
    captioner.sendModel(TestSessions.cluster());
    List<Row> rows = captioner.transform(images(TestSessions.cluster(), 6, 2)).collectAsList();

    assertThat(captioner.fingerprint()).isEqualTo(fingerprint);

    assertThat(column(rows, "error")).isEmpty();
    Map<String, String> captions = column(rows, "caption");
    assertThat(captions).hasSize(6);
    assertThat(CommandLineCaptions.ofAllByLlava()).containsAllEntriesOf(captions);
  }

  @Test
  void aTrainedCaptionerIsSentWithWhatItStandsOn() throws IOException {
    Path models = TestSessions.root().resolve("models/mini");
    Path here = ofThisProcessOnly();
    for (String part : List.of("vit", "gpt2", "runs/rank16/best")) {
      Files.createDirectories(here.resolve(part).getParent());
      Files.createSymbolicLink(here.resolve(part), models.resolve(part));
    }
    ImageCaptionTransformer captioner =
        new ImageCaptionTransformer()
            .setAdapter(here.resolve("runs/rank16/best").toString())
            .setIsolation(Isolation.NEVER)
            .setKeyCol("key");

    captioner.sendModel(TestSessions.cluster());
    List<Row> rows = captioner.transform(images(TestSessions.cluster(), 2, 1)).collectAsList();

    assertThat(column(rows, "error")).isEmpty();
    assertThat(column(rows, "caption")).hasSize(2);
  }

  /** A new folder under a path that leads elsewhere in other processes. */
  private static Path ofThisProcessOnly() throws IOException {
    Path folder =
        Files.createTempDirectory(Files.createDirectories(Path.of("target")), "of-one-process");
    return Path.of("/proc/self/cwd").resolve(folder);
  }

  @Test
  void aFileSentWithTheJobIsFound() {
    SparkSession spark = TestSessions.cluster();
    Path sent = Path.of(spark.sparkContext().getConf().get("spark.files"));
    String elsewhere = "/nowhere/" + sent.getFileName();

    String found =
        spark
            .range(1)
            .as(Encoders.LONG())
            .map(
                (MapFunction<Long, String>) _ -> ModelPath.find("it", elsewhere).toString(),
                Encoders.STRING())
            .first();

    assertThat(Path.of(found)).hasFileName(sent.getFileName().toString()).isNotEqualTo(sent);
  }

  @Test
  void filesThatAreCalledAlikeAreNotSent(@TempDir Path folder) throws IOException {
    String model = Files.createFile(folder.resolve("model.gguf")).toString();
    Path other = Files.createDirectory(folder.resolve("other"));
    String projector = Files.createFile(other.resolve("model.gguf")).toString();

    assertThatThrownBy(() ->
            new ImageCaptionTransformer()
                .setModel(model, projector)
                .sendModel(TestSessions.cluster()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(model, projector, "called alike", "rename one");
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
