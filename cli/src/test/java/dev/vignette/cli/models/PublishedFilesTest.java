package dev.vignette.cli.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.hub.ModelReference;
import dev.vignette.hub.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedFilesTest {
  @TempDir Path folder;

  private static List<String> of(String... files) {
    return PublishedFiles.of(
        new Repository(
            ModelReference.parse("org/model"),
            "a".repeat(40),
            List.of(files),
            Optional.empty(),
            false));
  }

  @Test
  void theWeightsComeOnceAndLast() {
    assertThat(
            of(
                ".gitattributes",
                "64.tflite",
                "README.md",
                "config.json",
                "flax_model.msgpack",
                "generation_config.json",
                "merges.txt",
                "model.safetensors",
                "onnx/config.json",
                "onnx/decoder_model.onnx",
                "pytorch_model.bin",
                "rust_model.ot",
                "tf_model.h5",
                "tokenizer.json",
                "vocab.json"))
        .containsExactly(
            "README.md",
            "config.json",
            "generation_config.json",
            "merges.txt",
            "tokenizer.json",
            "vocab.json",
            "model.safetensors");
  }

  @Test
  void shardsComeWithTheirIndexAndWithoutTheOther() {
    assertThat(
            of(
                "config.json", "model-00001-of-00002.safetensors",
                "model-00002-of-00002.safetensors", "model.safetensors.index.json",
                "pytorch_model-00001-of-00001.bin", "pytorch_model.bin.index.json"))
        .containsExactly(
            "config.json",
            "model.safetensors.index.json",
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors");
  }

  @Test
  void picklesServeWhereThereIsNothingElse() {
    assertThat(of("config.json", "pytorch_model.bin", "tf_model.h5"))
        .containsExactly("config.json", "pytorch_model.bin");
  }

  @Test
  void aMissingShardIsNamed() {
    assertThatThrownBy(() ->
            of(
                "config.json",
                "model-00001-of-00003.safetensors",
                "model-00003-of-00003.safetensors"))
        .hasMessageContaining("lacks shard 2 of 00003");
    assertThatThrownBy(() -> of("config.json", "tf_model.h5"))
        .hasMessageContaining("neither GGUF files nor model.safetensors");
  }

  @Test
  void aSnapshotIsCompleteWithItsConfigurationAndAllShards() throws IOException {
    Files.writeString(folder.resolve("model-00001-of-00002.safetensors"), "");
    assertThat(PublishedFiles.areComplete(folder)).isFalse();
    Files.writeString(folder.resolve("config.json"), "");
    assertThat(PublishedFiles.areComplete(folder)).isFalse();
    Files.writeString(folder.resolve("model-00002-of-00002.safetensors"), "");
    assertThat(PublishedFiles.areComplete(folder)).isTrue();
  }

  @Test
  void patternsMeanFilesAndAWordThatMeansNoneStays() {
    assertThat(
            PublishedFiles.matching(
                List.of("a.json", "b.json", "sub/c.json", "model.bin"),
                List.of("*.json", "model.bin", "gone.txt", "sub/*")))
        .containsExactly("a.json", "b.json", "model.bin", "gone.txt", "sub/c.json");
  }
}
