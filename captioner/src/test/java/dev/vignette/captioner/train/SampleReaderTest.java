package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captioner.model.Gpt2Config;
import dev.vignette.captioner.model.Gpt2Tokenizer;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.torch.fixture.SharedData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleReaderTest {
  @TempDir private Path folder;

  private List<Sample> read(byte[] annotations) throws IOException {
    Path file = Files.write(folder.resolve("train.json"), annotations);
    Path decoder = SharedData.inRepository("models/mini/gpt2");
    Gpt2Config config = Gpt2Config.read(decoder.resolve("config.json"));
    try (Gpt2Tokenizer tokenizer = Gpt2Tokenizer.open(decoder, config.endToken())) {
      return new SampleReader(tokenizer, config, 0, 0).read(new TrainConfig.Split(file, folder));
    }
  }

  @Test
  void fileNamesAsIdsMapsOfReferencesAndGzipAreReadAsCocosNumbersAre() throws IOException {
    Path image = SharedData.inRepository("models/mini/data/images/val/000000000001.jpg");
    Files.copy(image, folder.resolve("one.jpg"));
    String coco =
        "{\"images\": [{\"id\": %1$s, \"file_name\": \"one.jpg\"}], \"annotations\": [{\"image_id\": %1$s, \"caption\": \"A truck.\"}]}";
    List<Sample> expected = read(coco.formatted("7").getBytes(StandardCharsets.UTF_8));
    assertThat(expected).hasSize(1);
    for (String same : List.of(coco.formatted("\"one.jpg\""), "{\"one.jpg\": [\"A truck.\"]}")) {
      Path packed = folder.resolve("packed");
      try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
        out.write(same.getBytes(StandardCharsets.UTF_8));
      }
      assertThat(read(Files.readAllBytes(packed))).usingRecursiveComparison().isEqualTo(expected);
    }
  }

  @Test
  void aFileNameThatCannotBeOneIsNamedWithTheAnnotations() {
    String coco =
        "{\"images\": [{\"id\": 1, \"file_name\": \"a\\u0000b.jpg\"}], \"annotations\": [{\"image_id\": 1, \"caption\": \"A truck.\"}]}";
    assertThatThrownBy(() -> read(coco.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("train.json", "a\\u0000b.jpg");
  }
}
