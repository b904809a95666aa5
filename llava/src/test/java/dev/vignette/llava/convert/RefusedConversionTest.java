package dev.vignette.llava.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.llama.Quantizer.QuantizationType;
import dev.vignette.llava.convert.LlavaConversion.ConversionListener;
import dev.vignette.weights.ElementType;
import dev.vignette.weights.TensorShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be converted: a sentence that says why, and nothing written. */
class RefusedConversionTest {

  private static final String UP = "language_model.model.layers.0.mlp.up_proj.weight";

  @TempDir private Path folder;

  private void refused(Path source, QuantizationType type, String... sentence) throws IOException {
    Path out = folder.resolve("out");
    assertThatThrownBy(() ->
            LlavaConversion.convert(
                new ConversionRequest(source, type, out, "tiny", Optional.empty(), false, 1),
                ConversionListener.NONE))
        .hasMessageContainingAll(sentence);
    if (Files.exists(out)) {
      try (Stream<Path> files = Files.list(out)) {
        assertThat(files).allMatch(file -> file.endsWith(".tiny.lock"));
      }
    }
  }

  private TinyLlava tiny() throws IOException {
    return TinyLlava.in(folder.resolve("tiny"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"hidden_size\": 32 | \"hidden_size\": 64 | by config.json (300, 64)",
        "\"num_hidden_layers\": 2 | \"num_hidden_layers\": 3 | 9 missing: language.layers.2.",
        "\"num_key_value_heads\": 2 | \"num_key_value_heads\": 4 | by config.json (32, 32)",
        "\"num_key_value_heads\": 2 | \"num_key_value_heads\": 3 | 4 heads",
        "\"vocab_size\": 300 | \"vocab_size\": 200 | the token embeddings have 200 rows",
        "\"vocab_size\": 300 | \"vocab_size\": -1 | must lie between 1 and",
        "\"vocab_size\": 300 | \"vocab_size\": \"many\" | must be a whole number, but is many",
        "\"image_size\": 28 | \"image_size\": 42 | by config.json (10, 16)",
        "\"rms_norm_eps\": 1e-05 | \"rms_norm_eps\": 0 | \"rms_norm_eps\" is 0.0, but must lie between 1.4E-45 and",
        "\"rms_norm_eps\": 1e-05 | \"rms_norm_eps\": 1e-99 | \"rms_norm_eps\" is 1.0E-99",
        "\"rms_norm_eps\": 1e-05 | \"rope_theta\": -1 | \"rope_theta\" is -1.0, but must lie between",
        "\"rms_norm_eps\": 1e-05 | \"rope_parameters\": {\"rope_theta\": 0} | \"rope_parameters\", \"rope_theta\" is 0.0",
        "\"rms_norm_eps\": 1e-05 | \"rope_scaling\": {\"type\": \"llama3\", \"factor\": 0} | \"factor\" is 0.0",
        "\"rms_norm_eps\": 1e-05 | \"rope_scaling\": {\"type\": \"llama3\", \"low_freq_factor\": 4} | must be below \"high_freq_factor\"",
        "\"image_size\": 28 | \"layer_norm_eps\": -1e-5 | \"layer_norm_eps\" is -1.0E-5",
        "\"num_attention_heads\": 4 | \"num_attention_heads\": 0 | must lie between 1 and 32",
        "\"num_hidden_layers\": 3 | \"num_hidden_layers\": 99999999 | must lie between 1 and 512",
        "\"vision_feature_layer\": -2 | \"vision_feature_layer\": 4294967298 | 1 to 3 can be",
        "\"vision_feature_layer\": -2 | \"vision_feature_layer\": -9 | 1 to 3 can be",
        "\"vision_feature_layer\": -2 | \"vision_feature_layer\": [-2, -1] | a single layer is needed",
        "\"default\" | \"full\" | a tower with a class embedding (CLIP's) can be converted with \"default\" only",
        "clip_vision_model | siglip_vision_model | without a class embedding (SigLIP's) can be converted with \"full\" only",
        "clip_vision_model\", | siglip_vision_model\", \"hidden_act\": \"gelu\", | only \"gelu_pytorch_tanh\" can be converted",
        "\"model_type\": \"llama\" | \"model_type\": \"qwen2\" | of the kind \"qwen2\"",
        "clip_vision_model | pixtral | of the kind \"pixtral\"",
        "\"max_position_embeddings\": 256 | \"rope_scaling\": {\"type\": \"yarn\"} | scaled by \"yarn\"",
        "\"model_type\": \"llava\" | \"model_type\": \"llava_next\" | tiles are not supported",
        "\"model_type\": \"llava\" | \"model_type\": \"llava_onevision\" | a relative of LLaVA-1.5 with other parts",
        "\"model_type\": \"llava\" | \"model_type\": \"qwen2_vl\" | LLaVA-1.5 (\"llava\") in Hugging Face's layout or liuhaotian's, and JoyCaption",
        "\"model_type\": \"llava\" | \"model_type\": \"llama\" | a language model alone",
        "{\"architectures\" | {\"architectures | is no whole JSON: line 1",
      })
  void aConfigurationThatLiesOrIsOfAnotherModelIsRefused(
      String old, String replacement, String sentence) throws IOException {
    refused(
        tiny().config(old, replacement).write().folder,
        QuantizationType.F16,
        "config.json",
        sentence);
  }

  @Test
  void aFolderWithoutAConfigurationOrAFileIsRefused() throws IOException {
    refused(Files.createDirectories(folder.resolve("empty")), QuantizationType.F16, "config.json");
    refused(folder.resolve("nowhere"), QuantizationType.F16, "is not there");
    Path file = Files.writeString(folder.resolve("m.gguf"), "GGUF");
    refused(file, QuantizationType.F16, "is a file; give the folder");
  }

  @Test
  void aMissingTensorAnUnknownOneAndOneTwiceAreNamed() throws IOException {
    TinyLlava llava = tiny();
    llava.tensors.remove(UP);
    llava.put("image_newline", ElementType.F16, TensorShape.of(1), ByteBuffer.allocate(2));
    refused(
        llava.write().folder,
        QuantizationType.F16,
        "1 missing: language.layers.0.mlp.up_proj.weight",
        "1 unknown: image_newline");
    llava.put(
        "model.language_model.norm.weight",
        ElementType.F16,
        TensorShape.of(1),
        ByteBuffer.allocate(2));
    refused(llava.write().folder, QuantizationType.F16, "twice", "model.language_model.norm");
  }

  @Test
  void aMissingAndATruncatedShardAreNamed() throws IOException {
    TinyLlava llava = tiny().writeShards();
    Path shard = llava.folder.resolve("model-00002-of-00003.safetensors");
    byte[] bytes = Files.readAllBytes(shard);
    Files.write(shard, Arrays.copyOf(bytes, bytes.length - 100));
    refused(llava.folder, QuantizationType.F16, "model-00002-of-00003", "copy the file again");
    Files.delete(shard);
    refused(
        llava.folder,
        QuantizationType.F16,
        "model-00002-of-00003.safetensors",
        "1 are not beside it");
  }

  @Test
  void weightsThatAreNotFiniteOrTooLargeForTheTypeAreRefused() throws IOException {
    ByteBuffer numbers =
        ByteBuffer.allocate(64 * TinyLlava.WIDTH * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    TinyLlava llava = tiny();
    llava.put(UP, ElementType.F32, TensorShape.of(64, TinyLlava.WIDTH), numbers);
    numbers.putFloat(4000, 70000f);
    refused(
        llava.write().folder,
        QuantizationType.F16,
        "up_proj.weight holds 70000.0, which F16 cannot",
        "--type BF16");
    numbers.putFloat(4000, Float.NaN);
    refused(llava.write().folder, QuantizationType.BF16, "not finite");
  }

  @Test
  void aFolderWithoutATokenizerOrWithADamagedOneIsRefused() throws IOException {
    TinyLlava llava = tiny().write();
    Path tokenizer = llava.folder.resolve("tokenizer.model");
    byte[] bytes = Files.readAllBytes(tokenizer);
    Files.write(tokenizer, Arrays.copyOf(bytes, bytes.length / 2 + 1));
    refused(llava.folder, QuantizationType.F16, "tokenizer.model", "SentencePiece");
    Files.delete(tokenizer);
    refused(llava.folder, QuantizationType.F16, "holds no tokenizer");
    Files.writeString(
        llava.folder.resolve("tokenizer.json"),
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": []}}");
    refused(llava.folder, QuantizationType.F16, "tokenizer.json", "only Llama 3's");
  }

  @Test
  void addedTokensInThePlacesOfPiecesAreRefused() throws IOException {
    TinyLlava llava = tiny().write();
    Files.writeString(llava.folder.resolve("added_tokens.json"), "{\"<image>\": 5}");
    refused(llava.folder, QuantizationType.F16, "Token 5 is \"<0x02>\"", "one revision");
    Files.writeString(llava.folder.resolve("added_tokens.json"), "{\"<image>\": 300}");
    refused(llava.folder, QuantizationType.F16, "300", "the token embeddings have 300 rows");
  }

  @Test
  void liuhaotiansLayoutWithoutItsTowerNamesTheTower() throws IOException {
    TinyLlava llava = tiny().write();
    Files.writeString(
        llava.folder.resolve("config.json"),
        "{\"model_type\": \"llava\", \"mm_vision_tower\": \"openai/clip-vit-large-patch14-336\"}");
    refused(llava.folder, QuantizationType.F16, "openai/clip-vit-large-patch14-336", "--tower");
    Files.writeString(
        llava.folder.resolve("config.json"),
        "{\"model_type\": \"llava\", \"mm_vision_tower\": \"x\", \"image_aspect_ratio\": \"anyres\"}");
    refused(llava.folder, QuantizationType.F16, "LLaVA-1.6", "tiles are not supported");
  }

  @Test
  void aSiglipTowerBesideLiuhaotiansLayoutIsRefused() throws IOException {
    TinyLlava llava = tiny().write();
    Path tower = Files.createDirectories(folder.resolve("siglip"));
    Files.writeString(tower.resolve("config.json"), "{\"model_type\": \"siglip_vision_model\"}");
    Files.writeString(
        llava.folder.resolve("config.json"),
        "{\"model_type\": \"llava\", \"mm_vision_tower\": \"x\"}");
    assertThatThrownBy(() ->
            LlavaConversion.convert(
                new ConversionRequest(
                    llava.folder,
                    QuantizationType.F16,
                    folder.resolve("out"),
                    "tiny",
                    Optional.of(tower),
                    false,
                    1),
                ConversionListener.NONE))
        .hasMessageContainingAll("is not CLIP's", "liuhaotian's layout");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"image_size\": 62 | \"image_size\": 76 | position_embedding.weight is (16, 48), but by config.json (25, 48)",
        "\"num_key_value_heads\": 2 | \"num_key_value_heads\": 4 | k_proj.weight is (32, 64), but by config.json (64, 64)",
        "siglip_vision_model | siglip2_vision_model | of the kind \"siglip2_vision_model\"",
        "\"full\" | \"default\" | can be converted with \"full\" only",
        "\"full\" | \"cls\" | is \"cls\"",
      })
  void aJoyCaptionWhoseConfigurationLiesIsRefused(String old, String replacement, String sentence)
      throws IOException {
    Path published =
        Path.of(
            System.getProperty("vignette.root"),
            "llava/src/test/resources/dev/vignette/llava/joycaption/model");
    Path joy = Files.createDirectories(folder.resolve("joy"));
    try (Stream<Path> files = Files.list(published)) {
      for (Path file : files.toList()) {
        Files.copy(file, joy.resolve(file.getFileName()));
      }
    }
    String config = Files.readString(joy.resolve("config.json"));
    assertThat(config).contains(old);
    Files.writeString(joy.resolve("config.json"), config.replace(old, replacement));
    refused(joy, QuantizationType.F16, sentence);
  }

  @Test
  void picturesResizedInAnUnknownWayAreRefused() throws IOException {
    TinyLlava llava = tiny().write();
    Files.writeString(
        llava.folder.resolve("preprocessor_config.json"),
        "{\"image_mean\": [0.5, 0.5, 0.5], \"image_std\": [0.5, 0.5, 0.5], \"resample\": 0}");
    refused(llava.folder, QuantizationType.F16, "\"resample\" is 0", "3 (bicubic)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[1, 1, 1e99]", "[1, 1, -0.0]", "[1, 1, 1e-99]", "[1, 1]"})
  void picturesDividedByWhatNobodyCanDivideByAreRefused(String deviation) throws IOException {
    TinyLlava llava = tiny().write();
    Files.writeString(
        llava.folder.resolve("preprocessor_config.json"),
        "{\"image_mean\": [0.5, 0.5, 0.5], \"image_std\": " + deviation + "}");
    refused(llava.folder, QuantizationType.F16, "\"image_std\" is [1.0, 1.0", "three finite");
  }

  @Test
  void filesOfAnotherModelAreNotReplaced() throws IOException {
    TinyLlava llava = tiny().write();
    Path out = Files.createDirectories(folder.resolve("taken"));
    Path taken = Files.writeString(out.resolve("tiny-F16.gguf"), "my thesis");
    ConversionRequest request =
        new ConversionRequest(
            llava.folder, QuantizationType.F16, out, "tiny", Optional.empty(), false, 1);
    assertThatThrownBy(() -> LlavaConversion.convert(request, ConversionListener.NONE))
        .hasMessageContainingAll("tiny-F16.gguf is there", "not replaced");
    assertThat(taken).hasContent("my thesis");
    Files.delete(taken);
    LlavaConversion.convert(request, ConversionListener.NONE);
    llava.config("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1");
    llava.tensors.keySet().removeIf(name -> name.contains("model.layers.1."));
    llava.write();
    assertThatThrownBy(() -> LlavaConversion.convert(request, ConversionListener.NONE))
        .hasMessageContainingAll("holds another model, 'tiny'");
  }

  @Test
  void anOutputThatIsNoFolderAndANameThatLeavesItAreRefused() throws IOException {
    TinyLlava llava = tiny().write();
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() ->
            LlavaConversion.convert(
                ConversionRequest.of(llava.folder, QuantizationType.F16, file),
                ConversionListener.NONE))
        .isInstanceOf(UnwritableFileException.class)
        .hasMessageContaining("The folder " + file + " cannot be made");
    for (String name : new String[] {"../x", "", ".hidden", "a\nb"}) {
      assertThatThrownBy(() ->
              new ConversionRequest(
                  llava.folder, QuantizationType.F16, folder, name, Optional.empty(), false, 1))
          .hasMessageContaining("A model's name");
    }
  }
}
