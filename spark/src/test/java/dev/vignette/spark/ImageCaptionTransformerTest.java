package dev.vignette.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class ImageCaptionTransformerTest {

  private static Dataset<Row> images(Path folder) {
    return TestSessions.local()
        .read()
        .format("binaryFile")
        .load(folder.toString())
        .select("path", "content");
  }

  /** By the name of the file without its extension. */
  static Map<String, String> captions(List<Row> rows) {
    Map<String, String> captions = new TreeMap<>();
    for (Row row : rows) {
      String path = row.getAs("path");
      String name = path.substring(path.lastIndexOf('/') + 1);
      captions.put(name.substring(0, name.lastIndexOf('.')), row.getAs("caption"));
    }
    return captions;
  }

  @Test
  void aFolderHasTheCaptionsOfTheCommandLine() {
    List<Row> rows =
        new ImageCaptionTransformer()
            .setKeepsImage(false)
            .transform(images(TestSessions.images()))
            .collectAsList();

    assertThat(captions(rows))
        .isEqualTo(
            new TreeMap<>(
                CommandLineCaptions.of("llava", "caption", TestSessions.images().toString())))
        .hasSize(300);
  }
}
