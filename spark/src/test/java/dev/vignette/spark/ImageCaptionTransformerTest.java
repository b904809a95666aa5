package dev.vignette.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.eval.ImageTextScorer;
import dev.vignette.eval.ImageTextScorer.ClipRequest;
import dev.vignette.eval.clip.ClipTextScorerProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageCaptionTransformerTest {
  private static final String ADAPTER = "models/mini/runs/rank16/best";

  @TempDir private Path folder;

  private static Dataset<Row> images(Path folder) {
    return TestSessions.local()
        .read()
        .format("binaryFile")
        .load(folder.toString())
        .select("path", "content");
  }

  /** By the name of the file without its extension. */
  private static Map<String, String> captions(List<Row> rows) {
    Map<String, String> captions = new TreeMap<>();
    rows.forEach(row -> captions.put(stem(row.getAs("path")), row.getAs("caption")));
    return captions;
  }

  private static String stem(String path) {
    return path.substring(path.lastIndexOf('/') + 1, path.lastIndexOf('.'));
  }

  @Test
  void aFolderHasTheCaptionsOfTheCommandLine() {
    ImageCaptionTransformer captioner = new ImageCaptionTransformer().setKeepsImage(false);

    List<Row> rows = captioner.transform(images(TestSessions.images())).collectAsList();

    assertThat(captions(rows)).isEqualTo(CommandLineCaptions.ofAllByLlava()).hasSize(300);
    assertThat(rows)
        .allSatisfy(row -> {
          assertThat(row.<String>getAs("error")).isNull();
          assertThat(row.<Integer>getAs("tokens")).isPositive();
          assertThat(row.<Double>getAs("log_probability")).isNegative();
          assertThat(row.<Double>getAs("milliseconds")).isPositive();
          assertThat(row.<String>getAs("fingerprint")).isEqualTo(captioner.fingerprint());
        });
    CaptionMetrics metrics = Objects.requireNonNull(captioner.metrics());
    assertThat(metrics.images().value()).isEqualTo(300);
    assertThat(metrics.failed().value()).isZero();
    assertThat(metrics.tokens().value())
        .isEqualTo(rows.stream().mapToLong(row -> row.<Integer>getAs("tokens")).sum());
  }

  @Test
  void whatIsNoImageIsARowWithAnError() throws IOException {
    Path mixed = TestSessions.folder(folder.resolve("mixed"), 3);
    Files.writeString(mixed.resolve("note.jpg"), "no picture");

    List<Row> rows = new ImageCaptionTransformer().transform(images(mixed)).collectAsList();

    Map<String, String> errors = new TreeMap<>();
    rows.stream()
        .filter(row -> row.getAs("error") != null)
        .forEach(row -> errors.put(stem(row.getAs("path")), row.getAs("error")));
    assertThat(errors).containsOnlyKeys("note");
    assertThat(errors.get("note")).contains("note.jpg");
    assertThat(rows)
        .hasSize(4)
        .allSatisfy(
            row -> assertThat(row.getAs("caption") == null).isEqualTo(row.getAs("error") != null));
  }

  @Test
  void aProcessApartSaysTheSame() {
    Path some = TestSessions.folder(folder.resolve("some"), 12);

    List<Row> rows =
        new ImageCaptionTransformer()
            .setIsolation(Isolation.ALWAYS)
            .transform(images(some))
            .collectAsList();

    assertThat(captions(rows)).hasSize(12);
    assertThat(CommandLineCaptions.ofAllByLlava()).containsAllEntriesOf(captions(rows));
  }

  @Test
  void aTrainedCaptionerSaysWhatItSaysOnTheCommandLine() {
    Path some = TestSessions.folder(folder.resolve("some"), 20);
    String adapter = TestSessions.root().resolve(ADAPTER).toString();
    ImageCaptionTransformer captioner =
        new ImageCaptionTransformer()
            .setAdapter(adapter)
            .setGeneration(GenerationConfig.builder().numBeams(2).build());

    Map<String, String> together = captions(captioner.transform(images(some)).collectAsList());
    Map<String, String> apart =
        captions(
            captioner
                .copy(ParamMap.empty())
                .setIsolation(Isolation.ALWAYS)
                .transform(images(some))
                .collectAsList());

    assertThat(together)
        .isEqualTo(
            new TreeMap<>(
                CommandLineCaptions.of(
                    "captioner",
                    "caption",
                    "--adapter",
                    adapter,
                    "--num-beams",
                    "2",
                    some.toString())))
        .isEqualTo(apart);
  }

  @Test
  void aSavedPipelineCaptionsAndScoresAsBefore() throws IOException {
    Path some = TestSessions.folder(folder.resolve("some"), 10);
    Path clip = TestSessions.root().resolve("models/mini/clip");
    Pipeline pipeline =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  new ImageCaptionTransformer()
                      .setGeneration(
                          GenerationConfig.builder()
                              .maxNewTokens(12)
                              .stopStrings(List.of("zebra", "."))
                              .build()),
                  new ClipScoreTransformer().setClip(clip.toString())
                });
    PipelineModel made = pipeline.fit(images(some));

    made.save(folder.resolve("pipeline").toString());
    PipelineModel loaded = PipelineModel.load(folder.resolve("pipeline").toString());
    List<Row> before = made.transform(images(some)).orderBy("path").collectAsList();
    List<Row> after = loaded.transform(images(some)).orderBy("path").collectAsList();

    assertThat(captions(after)).isEqualTo(captions(before)).hasSize(10);
    assertThat(after).extracting(row -> row.<String>getAs("fingerprint")).doesNotContainNull();
    assertThat(after.getFirst().<String>getAs("fingerprint"))
        .isEqualTo(before.getFirst().getAs("fingerprint"))
        .isNotEqualTo(new ImageCaptionTransformer().fingerprint());
    requireScores(after, clip);
  }

  private void requireScores(List<Row> rows, Path clip) {
    List<ImageTextScorer.Item> items = new ArrayList<>();
    for (Row row : rows) {
      Path image = TestSessions.images().resolve(stem(row.getAs("path")) + ".jpg");
      items.add(new ImageTextScorer.Item(image, row.getAs("caption"), List.of()));
    }
    try (ImageTextScorer scorer =
        ClipTextScorerProvider.open(new ClipRequest(clip, "", false), folder.resolve("cache"))) {
      double[] scores = scorer.score(items, false).clip();
      for (int i = 0; i < scores.length; i++) {
        // PyTorch's sums depend on the size of the batch.
        assertThat(rows.get(i).<Double>getAs("clip_score")).isCloseTo(scores[i], within(1e-4));
        assertThat(rows.get(i).<String>getAs("clip_error")).isNull();
      }
    }
  }

  @Test
  void whatCannotBeIsSaidBeforeAnyTask() {
    Dataset<Row> images = images(TestSessions.folder(folder.resolve("one"), 1));

    assertThatThrownBy(() -> new ImageCaptionTransformer().setImageCol("jpg").transform(images))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("no column 'jpg'", "path, content");
    assertThatThrownBy(() -> new ImageCaptionTransformer().setKeyCol("content").transform(images))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'content' holds binary", "string");
    assertThatThrownBy(() ->
            new ImageCaptionTransformer()
                .transform(images.withColumnRenamed("path", "caption"))
                .schema())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() ->
            new ImageCaptionTransformer()
                .setModel("/none/a.gguf", "/none/b.gguf")
                .transform(images))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("/none/a.gguf", "not on this machine", "sendModel");
    assertThatThrownBy(() -> new ClipScoreTransformer().setCaptionCol("path").transform(images))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("setClip");
  }
}
