package dev.vignette.captioner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.torch.fixture.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class Gpt2TokenizerTest {
  private static final int END = 777;
  private static final List<String> TEXTS =
      List.of(
          "a red circle left of a blue square",
          "  Two  spaces,\ttabs\nand lines ",
          "naïve café – 東京 🙂",
          "don't, it's 3.5 (or #4)!",
          "#version 2 of a sign",
          "");

  @TempDir Path folder;
  private final Path whole = SharedData.inRepository("models/mini/gpt2");

  /** The two files as OpenAI published them, with the end token in the vocabulary. */
  private void writeOpenAisFiles() throws IOException {
    JsonNode model =
        JsonMapper.shared()
            .readTree(Files.readString(whole.resolve("tokenizer.json")))
            .required("model");
    ObjectNode vocabulary = (ObjectNode) model.required("vocab");
    vocabulary.put("<|endoftext|>", END);
    Files.writeString(folder.resolve("encoder.json"), vocabulary.toString());
    List<String> merges = new ArrayList<>(List.of("#version: 0.2"));
    for (JsonNode pair : model.required("merges")) {
      merges.add(pair.get(0).asString() + " " + pair.get(1).asString());
    }
    Files.write(folder.resolve("vocab.bpe"), merges);
  }

  @Test
  void encoderJsonWithVocabBpeGivesWhatTokenizerJsonGives() throws Exception {
    writeOpenAisFiles();
    try (Gpt2Tokenizer ours = Gpt2Tokenizer.open(folder, END);
        Gpt2Tokenizer expected = Gpt2Tokenizer.open(whole, END)) {
      for (String text : TEXTS) {
        long[] tokens = expected.encode(text);
        assertThat(ours.encode(text)).as(text).isEqualTo(tokens);
        int[] ids = new int[tokens.length];
        for (int i = 0; i < ids.length; i++) {
          ids[i] = Math.toIntExact(tokens[i]);
        }
        assertThat(ours.decode(ids)).isEqualTo(expected.decode(ids)).isEqualTo(text.strip());
      }
      String special = "a sign<|endoftext|>";
      assertThat(ours.encode(special)).isEqualTo(expected.encode(special));
    }
  }

  @Test
  void theTokenizerOfAModelWithAnotherEndTokenIsRefused() throws Exception {
    writeOpenAisFiles();
    for (Path place : List.of(whole, folder)) {
      // In a larger vocabulary the end is not there; in a smaller one it is a word.
      for (int end : List.of(50256, 300)) {
        assertThatThrownBy(() -> Gpt2Tokenizer.open(place, end))
            .as("%d in %s", end, place)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContainingAll("Token " + end, "tokenizer of another model");
      }
    }
  }

  @Test
  void aDamagedTokenizerIsNamedInEitherForm() throws Exception {
    Path file = folder.resolve("tokenizer.json");
    Files.writeString(file, Files.readString(whole.resolve("tokenizer.json")).substring(0, 5000));
    assertThatThrownBy(() -> Gpt2Tokenizer.open(folder, END))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString());
    Files.delete(file);
    writeOpenAisFiles();
    Files.writeString(folder.resolve("vocab.bpe"), "#version: 0.2\nnot merges\n");
    assertThatThrownBy(() -> Gpt2Tokenizer.open(folder, END))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(folder.resolve("encoder.json").toString(), "vocab.bpe");
    Files.writeString(folder.resolve("encoder.json"), "{");
    assertThatThrownBy(() -> Gpt2Tokenizer.open(folder, END))
        .hasMessageContainingAll(folder.resolve("encoder.json").toString(), "no JSON");
  }

  @Test
  void aTokenizerWithAByteOrderMarkIsReadAsOneWithout() throws Exception {
    String text = Files.readString(whole.resolve("tokenizer.json"));
    Files.writeString(folder.resolve("tokenizer.json"), "\uFEFF" + text);
    try (Gpt2Tokenizer marked = Gpt2Tokenizer.open(folder, END);
        Gpt2Tokenizer plain = Gpt2Tokenizer.open(whole, END)) {
      assertThat(marked.encode("a red circle")).isEqualTo(plain.encode("a red circle"));
    }
  }
}
