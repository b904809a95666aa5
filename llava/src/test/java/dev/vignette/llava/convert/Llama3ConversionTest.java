package dev.vignette.llava.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.LlamaModel;
import dev.vignette.llama.LlamaModel.ModelOptions;
import dev.vignette.llama.Quantizer.QuantizationType;
import dev.vignette.llava.convert.LlavaConversion.ConversionListener;
import dev.vignette.weights.gguf.GgufFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A LLaVA whose language model is a Llama 3: merges of bytes, and stretched frequencies. */
class Llama3ConversionTest {

  @TempDir private Path folder;

  private Path convert() throws IOException {
    TinyLlava llava = TinyLlava.in(folder.resolve("tiny"));
    llava.config(
        "\"max_position_embeddings\": 256",
        """
        "max_position_embeddings": 131072, "rope_theta": 500000.0, "bos_token_id": 290, "eos_token_id": [291, 290],
        "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 8192}\
        """);
    llava.config(
        "\"image_token_index\": 262,\n \"pad_token_id\": 263,", "\"image_token_index\": 292,");
    Files.delete(llava.folder.resolve("tokenizer.model"));
    try (InputStream in =
        Objects.requireNonNull(getClass().getResourceAsStream("llama3-tokenizer.json"))) {
      Files.copy(in, llava.folder.resolve("tokenizer.json"));
    }
    Files.writeString(
        llava.folder.resolve("tokenizer_config.json"), "{\"eos_token\": \"<|eot_id|>\"}");
    return LlavaConversion.convert(
            new ConversionRequest(
                llava.write().folder,
                QuantizationType.F16,
                folder.resolve("out"),
                "tiny",
                Optional.empty(),
                false,
                1),
            ConversionListener.NONE)
        .languageModel();
  }

  /** Token numbers by tokenizers 0.23.2. */
  @Test
  void llamaCppTokenizesAsTheTokenizersLibraryDoes() throws IOException {
    try (LlamaModel model =
        LlamaModel.load(convert(), ModelOptions.defaults().withDevice(new DeviceRequest.Cpu()))) {
      var vocabulary = model.vocabulary();
      assertThat(vocabulary.tokenize("A bird flying above a penguin on the grass.", true, true))
          .containsExactly(
              290, 32, 262, 72, 81, 67, 220, 69, 75, 88, 281, 256, 65, 78, 85, 68, 256, 277, 68, 77,
              70, 84, 263, 264, 261, 275, 284, 82, 82, 13);
      assertThat(
              vocabulary.tokenize(
                  "It's 12345 gr\u00f6\u00dfe\n\n  two  spaces!? \ud83d\ude42", true, true))
          .containsExactly(
              290, 40, 83, 6, 82, 220, 16, 17, 18, 19, 20, 275, 81, 127, 114, 127, 253, 68, 198,
              198, 220, 257, 279, 220, 260, 79, 64, 66, 68, 82, 0, 30, 220, 172, 253, 247, 224);
      assertThat(vocabulary.tokenize("x<|eot_id|>", true, true)).containsExactly(290, 87, 291);
      assertThat(vocabulary.endOfSentence()).isEqualTo(291);
    }
  }

  /** Numbers by transformers 5.18: plain frequencies over its llama3 ones. */
  @Test
  void frequenciesAreDividedAsTransformersDoes() throws IOException {
    var scaling = new LanguageShape.RopeScaling(8, 1, 4, 8192);
    assertThat(scaling.divisors(8, 500000))
        .containsExactly(new float[] {1, 1, 2.6945302f, 8}, within(1e-5f));
    float[] wide = scaling.divisors(128, 500000);
    assertThat(wide).hasSize(64);
    assertThat(new float[] {wide[28], wide[29], wide[31], wide[34], wide[35]})
        .containsExactly(new float[] {1, 1.20748f, 2.02631f, 5.25733f, 8}, within(1e-4f));
    assertThat(GgufFile.read(convert()).tensors()).containsKey("rope_freqs.weight");
  }
}
