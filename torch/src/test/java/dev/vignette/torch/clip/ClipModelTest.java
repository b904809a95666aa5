package dev.vignette.torch.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.torch.fixture.SharedData;
import dev.vignette.torch.fixture.Tolerance;
import dev.vignette.weights.Safetensors;
import dev.vignette.weights.WeightsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClipModelTest {
  private static final List<String> WITH_VECTORS =
      List.of("000000000001", "000000000002", "000000000003");

  private final ClipModel clip = load();

  private static ClipModel load() {
    try {
      return ClipModel.load(SharedData.inRepository("models/mini/clip"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterAll
  void close() {
    clip.close();
  }

  private static JsonNode golden() throws Exception {
    Path file = SharedData.besideCheckout("golden/clip/golden_clip.json");
    return JsonMapper.shared().readTree(Files.readString(file)).required("images");
  }

  private static float[] floats(JsonNode list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) list.get(i).asDouble();
    }
    return values;
  }

  @Test
  void tokenIdsEqualTheReferences() throws Exception {
    JsonNode images = golden();
    for (String stem : WITH_VECTORS) {
      JsonNode image = images.required(stem);
      long[] expected =
          image.required("token_ids").valueStream().mapToLong(JsonNode::asLong).toArray();
      assertThat(clip.tokenIds(image.required("candidate").asString())).isEqualTo(expected);
    }
  }

  @Test
  void textEmbeddingsEqualTheReferences() throws Exception {
    JsonNode images = golden();
    List<String> texts =
        WITH_VECTORS.stream()
            .map(s -> images.required(s).required("candidate").asString())
            .toList();
    TextEmbeddings embedded = clip.textEmbeddings(texts);
    assertThat(embedded.truncated()).isEmpty();
    for (int i = 0; i < texts.size(); i++) {
      float[] expected = floats(images.required(WITH_VECTORS.get(i)).required("text_embed"));
      assertThat(Tolerance.relative(embedded.vectors().get(i), expected)).isLessThan(1e-4);
    }
  }

  @Test
  void imageEmbeddingsEqualTheReferences() throws Exception {
    JsonNode images = golden();
    Path file = SharedData.besideCheckout("golden/captioner/golden_lora.safetensors");
    FloatBuffer pixels = Safetensors.open(file).float32("pixels").asFloatBuffer();
    List<float[]> batch = new ArrayList<>();
    for (int i = 0; i < WITH_VECTORS.size(); i++) {
      float[] image = new float[3 * clip.imageSide() * clip.imageSide()];
      pixels.get(image);
      batch.add(image);
    }
    List<float[]> embedded = clip.imageEmbeddings(batch);
    for (int i = 0; i < batch.size(); i++) {
      float[] expected = floats(images.required(WITH_VECTORS.get(i)).required("image_embed"));
      assertThat(Tolerance.relative(embedded.get(i), expected)).isLessThan(1e-4);
    }
  }

  @Test
  void theCompanyInABatchChangesNoEmbedding() {
    List<String> texts = List.of("A dog.", "A picture of a truck and two cats in the dark.", "");
    List<float[]> together = clip.textEmbeddings(texts).vectors();
    for (int i = 0; i < texts.size(); i++) {
      float[] alone = clip.textEmbeddings(List.of(texts.get(i))).vectors().getFirst();
      assertThat(Tolerance.relative(together.get(i), alone)).isLessThan(1e-5);
    }
  }

  @Test
  void aTextThatIsTooLongKeepsItsEndTokenAndIsReported() {
    String text = "a truck in the dark ".repeat(30);
    long[] ids = clip.tokenIds(text);
    assertThat(ids).hasSize(clip.maxTokens());
    assertThat(ids[ids.length - 1]).isEqualTo(737);
    assertThat(clip.textEmbeddings(List.of("a dog", text)).truncated()).containsExactly(1);
  }

  @Test
  void theMiniatureTokenizerSaysAnyText() {
    assertThat(clip.tokenIds("2 birds at 10:30"))
        .containsExactly(736, 17, 672, 335, 16, 15, 264, 18, 15, 737);
    assertThat(clip.tokenIds("caf\u00e9")).containsExactly(736, 298, 69, 127, 102, 737);
    List<String> texts =
        List.of(
            "\"a\" & b",
            "\ud83d\ude00",
            "\u4e2d\u6587 \u0142",
            "it's 5\u20ac",
            "\u0000\ud83d",
            "bi tri");
    for (float[] vector : clip.textEmbeddings(texts).vectors()) {
      for (float value : vector) {
        assertThat(value).isFinite();
      }
    }
    for (int code = 1; code < 0x3000; code += 5) {
      assertThat(clip.tokenIds("a " + Character.toString(code) + "b")).isNotEmpty();
    }
  }

  @Test
  void anEndTokenInsideATextEndsIt() {
    float[] plain = clip.textEmbeddings(List.of("a dog")).vectors().getFirst();
    List<String> longer =
        List.of("a dog<|endoftext|>", "a dog <|endoftext|> and " + "a cat ".repeat(40));
    for (float[] ended : clip.textEmbeddings(longer).vectors()) {
      assertThat(Tolerance.relative(ended, plain)).isLessThan(1e-5);
    }
  }

  @Test
  void aTokenizerThatCannotSayATextIsNamedWithTheText(@TempDir Path folder) throws Exception {
    Path mini = SharedData.inRepository("models/mini/clip");
    Files.copy(mini.resolve("config.json"), folder.resolve("config.json"));
    Files.copy(mini.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    Path tokenizer = folder.resolve("tokenizer.json");
    String whole = Files.readString(mini.resolve("tokenizer.json"));
    Files.writeString(
        tokenizer,
        whole
            .replace("\"2</w>\": 17,", "")
            .replaceAll(",\\s*\"<\\|startoftext\\|>\": 736,\\s*\"<\\|endoftext\\|>\": 737", ""));
    try (ClipModel part = ClipModel.load(folder)) {
      assertThatThrownBy(() -> part.textEmbeddings(List.of("a dog", "2 birds")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("tokenizer.json has no tokens for the text \"2 birds\"");
    }
    Files.writeString(tokenizer, whole.replace("\"2</w>\": 17,", "")); // its unknown is the end
    try (ClipModel part = ClipModel.load(folder)) {
      assertThatThrownBy(() -> part.textEmbeddings(List.of("2 birds")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("no tokens for the text \"2 birds\"", "the end token");
      assertThat(part.textEmbeddings(List.of("birds<|endoftext|>")).vectors()).hasSize(1);
    }
    Files.writeString(tokenizer, whole.replace("\"birds</w>\": 672", "\"birds</w>\": 40000"));
    try (ClipModel foreign = ClipModel.load(folder)) {
      assertThatThrownBy(() -> foreign.tokenIds("birds"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("the token 40000", "knows 738 tokens");
    }
    Files.writeString(tokenizer, "{}");
    assertThatThrownBy(() -> ClipModel.load(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no tokenizer that can be read");
  }

  @Test
  void weightsOfAnotherShapeAreNamed(@TempDir Path folder) throws Exception {
    Path mini = SharedData.inRepository("models/mini/clip");
    String config = Files.readString(mini.resolve("config.json"));
    Files.writeString(
        folder.resolve("config.json"),
        config.replace("\"max_position_embeddings\": 40", "\"max_position_embeddings\": 77"));
    Files.copy(mini.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    assertThatThrownBy(() -> ClipModel.load(folder))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(
            "1 mis-shaped: text_model.embeddings.position_embedding.weight is (40, 128) and must be (77, 128)");
  }
}
