package dev.vignette.llava.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.files.OutputFolder;
import dev.vignette.files.ProcessLock;
import dev.vignette.llama.Quantizer.QuantizationType;
import dev.vignette.llava.convert.LlavaConversion.ConversionListener;
import dev.vignette.llava.convert.LlavaConversion.ConvertedModel;
import dev.vignette.weights.ElementType;
import dev.vignette.weights.TensorShape;
import dev.vignette.weights.gguf.GgufFile;
import dev.vignette.weights.gguf.GgufFile.GgufTensor;
import dev.vignette.weights.gguf.TensorType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LlavaConversionTest {

  private static final Path SHARED =
      Path.of(System.getProperty("vignette.shared"), "miniworld/models");

  @TempDir private Path folder;

  private ConvertedModel convert(Path source, QuantizationType type, String output)
      throws IOException {
    return convert(source, type, output, Optional.empty());
  }

  private ConvertedModel convert(
      Path source, QuantizationType type, String output, Optional<Path> tower) throws IOException {
    return LlavaConversion.convert(
        new ConversionRequest(source, type, folder.resolve(output), "tiny", tower, false, 2),
        ConversionListener.NONE);
  }

  @Test
  void matricesTakeTheFilesTypeOthersAreFloat32AndTheRowsOfHeadsChangePlaces() throws IOException {
    TinyLlava llava = TinyLlava.in(folder.resolve("tiny")).write();
    ConvertedModel model = convert(llava.folder, QuantizationType.F16, "out");
    GgufFile file = GgufFile.read(model.languageModel());
    ByteBuffer keys = data(file, "blk.1.attn_k.weight");
    String name = "k_proj.weight";
    for (int row = 0; row < TinyLlava.KEY_HEADS * TinyLlava.HEAD_WIDTH; row++) {
      int inHead = row % TinyLlava.HEAD_WIDTH;
      int from = row - inHead + inHead / 2 + inHead % 2 * TinyLlava.HEAD_WIDTH / 2;
      for (int column = 0; column < TinyLlava.WIDTH; column++) {
        assertThat(keys.getShort())
            .isEqualTo(TinyLlava.half(name, from * TinyLlava.WIDTH + column));
      }
    }
    ByteBuffer values = data(file, "blk.0.attn_v.weight");
    for (int i = 0; values.hasRemaining(); i++) {
      assertThat(values.getShort()).isEqualTo(TinyLlava.half("v_proj.weight", i));
    }
    ByteBuffer norm = data(file, "output_norm.weight");
    for (int i = 0; norm.hasRemaining(); i++) {
      assertThat(norm.getFloat()).isEqualTo(Float.float16ToFloat(TinyLlava.half("norm.weight", i)));
    }
    assertThat(file.metadata().uint32("llama.attention.head_count_kv")).hasValue(2);
    assertThat(file.metadata().stringCount("tokenizer.ggml.tokens")).hasValue(300);
    GgufFile projector = GgufFile.read(model.projector());
    assertThat(projector.metadata().int32s("clip.vision.feature_layer")).containsExactly(2);
    assertThat(projector.tensors().keySet())
        .contains("v.blk.1.ln2.bias", "mm.2.weight")
        .doesNotContain("v.blk.2.ln1.weight", "v.post_ln.weight");
  }

  /** As LLaVA-1.5-13B's: 40 heads, and no word of those for keys, which are as many. */
  @Test
  void aModelWithoutGroupedKeysHasItsKeysInTheOrderOfAllHeads() throws IOException {
    TinyLlava llava =
        TinyLlava.in(folder.resolve("tiny")).config(" \"num_key_value_heads\": 2,", "");
    for (int block = 0; block < 2; block++) {
      for (String part : List.of("k_proj.weight", "v_proj.weight")) {
        llava.add(
            "language_model.model.layers.%d.self_attn.%s".formatted(block, part),
            TinyLlava.HEADS * TinyLlava.HEAD_WIDTH,
            TinyLlava.WIDTH);
      }
    }
    ConvertedModel model = convert(llava.write().folder, QuantizationType.F16, "out");
    GgufFile file = GgufFile.read(model.languageModel());
    assertThat(file.metadata().uint32("llama.attention.head_count_kv")).hasValue(TinyLlava.HEADS);
    ByteBuffer keys = data(file, "blk.0.attn_k.weight");
    for (int row = 0; row < TinyLlava.HEADS * TinyLlava.HEAD_WIDTH; row++) {
      int inHead = row % TinyLlava.HEAD_WIDTH;
      int from = row - inHead + inHead / 2 + inHead % 2 * TinyLlava.HEAD_WIDTH / 2;
      assertThat(keys.getShort(2 * row * TinyLlava.WIDTH))
          .isEqualTo(TinyLlava.half("k_proj.weight", from * TinyLlava.WIDTH));
    }
  }

  @Test
  void aProcessorThatResizesInAnotherWaySaysSoInTheProjector() throws IOException {
    TinyLlava llava = TinyLlava.in(folder.resolve("tiny")).write();
    ConvertedModel usual = convert(llava.folder, QuantizationType.F16, "usual");
    assertThat(GgufFile.read(usual.projector()).metadata().text("vignette.image.resampling"))
        .isEmpty();
    Files.writeString(
        llava.folder.resolve("preprocessor_config.json"),
        "{\"image_mean\": [0.5, 0.5, 0.5], \"image_std\": [0.5, 0.5, 0.5], \"resample\": 1}");
    ConvertedModel other = convert(llava.folder, QuantizationType.F16, "other");
    assertThat(GgufFile.read(other.projector()).metadata().text("vignette.image.resampling"))
        .contains("lanczos");
  }

  private static ByteBuffer data(GgufFile file, String name) throws IOException {
    GgufTensor tensor = Objects.requireNonNull(file.tensors().get(name));
    byte[] bytes = Files.readAllBytes(file.path());
    return ByteBuffer.wrap(bytes, (int) (file.dataOffset() + tensor.offset()), (int) tensor.bytes())
        .slice()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The names of transformers 4.52 to 4.57, and of 5 without the shell around the tower. */
  private static String newer(String name) {
    return name.replace("language_model.model.", "model.language_model.")
        .replace("language_model.lm_head", "lm_head")
        .replaceFirst("^vision_tower.", "model.vision_tower.")
        .replaceFirst("^multi_modal", "model.multi_modal");
  }

  private static String original(String name) {
    return name.replace("language_model.", "")
        .replaceFirst("^vision_tower.", "model.vision_tower.vision_tower.")
        .replace("multi_modal_projector.linear_1", "model.mm_projector.0")
        .replace("multi_modal_projector.linear_2", "model.mm_projector.2");
  }

  @Test
  void everyNamingEveryFormatAndEveryLayoutGiveTheSameFiles() throws IOException {
    ConvertedModel wanted =
        convert(TinyLlava.in(folder.resolve("a")).write().folder, QuantizationType.F16, "wanted");
    UnaryOperator<String> bare =
        name -> name.replace("vision_tower.vision_model.", "vision_tower.");
    List<TinyLlava> others =
        List.of(
            TinyLlava.in(folder.resolve("b")).renamed(LlavaConversionTest::newer).write(),
            TinyLlava.in(folder.resolve("c")).renamed(bare).writeShards());
    TinyLlava torch = TinyLlava.in(folder.resolve("d"));
    TorchArchive.write(torch.folder.resolve("pytorch_model.bin"), torch.tensors);
    for (Path source :
        Stream.concat(others.stream(), Stream.of(torch)).map(llava -> llava.folder).toList()) {
      requireSame(convert(source, QuantizationType.F16, source.getFileName() + "-out"), wanted);
    }
  }

  private static void requireSame(ConvertedModel found, ConvertedModel wanted) {
    assertThat(found.languageModel()).hasSameBinaryContentAs(wanted.languageModel());
    assertThat(found.projector()).hasSameBinaryContentAs(wanted.projector());
  }

  @Test
  void liuhaotiansLayoutTakesItsTowerFromAnotherFolder() throws IOException {
    ConvertedModel wanted =
        convert(TinyLlava.in(folder.resolve("a")).write().folder, QuantizationType.F16, "wanted");
    Path tower = clipFolder();
    TinyLlava llava = TinyLlava.in(folder.resolve("original"));
    llava.tensors.keySet().removeIf(name -> name.startsWith("vision_tower."));
    llava.renamed(LlavaConversionTest::original).writeShards();
    Files.writeString(llava.folder.resolve("config.json"), originalConfig());
    Files.writeString(
        llava.folder.resolve("added_tokens.json"), "{\"<image>\": 262, \"<pad>\": 263}");
    requireSame(convert(llava.folder, QuantizationType.F16, "found", Optional.of(tower)), wanted);
  }

  private static String originalConfig() {
    return """
    {"architectures": ["LlavaLlamaForCausalLM"], "model_type": "llava", "vocab_size": 300, "hidden_size": 32,
     "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "rms_norm_eps": 1e-05, "max_position_embeddings": 256, "pad_token_id": 263,
     "mm_vision_tower": "somebody/clip", "mm_projector_type": "mlp2x_gelu", "mm_vision_select_layer": -2,
     "mm_vision_select_feature": "patch", "image_aspect_ratio": "pad"}
    """;
  }

  /** A whole CLIP, of which the tower is wanted. */
  private Path clipFolder() throws IOException {
    TinyLlava clip = TinyLlava.in(folder.resolve("clip"));
    clip.tensors.keySet().removeIf(name -> !name.startsWith("vision_tower."));
    clip.renamed(name -> name.replace("vision_tower.", ""));
    clip.put("logit_scale", ElementType.F32, TensorShape.of(1), ByteBuffer.allocate(4)).write();
    String config = TinyLlava.CONFIG;
    int start = config.indexOf("\"vision_config\"");
    String vision = config.substring(start, config.indexOf('}', start) + 1);
    Files.writeString(
        clip.folder.resolve("config.json"), "{\"model_type\": \"clip\", " + vision + "}");
    return clip.folder;
  }

  @ParameterizedTest
  @ValueSource(strings = {"F32", "BF16"})
  void otherTypesHoldTheSameNumbersAsFarAsTheyCan(String type) throws IOException {
    TinyLlava llava = TinyLlava.in(folder.resolve("tiny")).write();
    ConvertedModel model = convert(llava.folder, QuantizationType.parse(type), "out");
    GgufFile file = GgufFile.read(model.languageModel());
    TensorType wanted = TensorType.valueOf(type);
    assertThat(Objects.requireNonNull(file.tensors().get("blk.0.ffn_up.weight")).type())
        .isEqualTo(wanted);
    ByteBuffer values = data(file, "blk.0.ffn_up.weight");
    for (int i = 0; values.hasRemaining(); i++) {
      float exact = Float.float16ToFloat(TinyLlava.half("up_proj.weight", i));
      if (wanted == TensorType.F32) {
        assertThat(values.getFloat()).isEqualTo(exact);
      } else {
        // Eight bits of precision: the nearest is at most half of the last of them away.
        assertThat(Float.intBitsToFloat(values.getShort() << 16))
            .isBetween(exact - Math.abs(exact) / 256, exact + Math.abs(exact) / 256);
      }
    }
    assertThat(GgufFile.read(model.projector()).quantization())
        .isEqualTo(type.equals("F32") ? "F32" : "F16");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aQuantizedModelLeavesTheUnquantizedFileOnlyWhenAsked(boolean keeps) throws IOException {
    TinyLlava llava = TinyLlava.in(folder.resolve("tiny")).write();
    List<String> said = new ArrayList<>();
    Path out = folder.resolve("out");
    ConvertedModel model =
        LlavaConversion.convert(
            new ConversionRequest(
                llava.folder, QuantizationType.Q8_0, out, "tiny", Optional.empty(), keeps, 2),
            new ConversionListener() {
              @Override
              public void step(String sentence) {
                said.add(sentence);
              }

              @Override
              public void progress(long written, long all) {
                assertThat(written).isBetween(1L, all);
              }
            });
    assertThat(GgufFile.read(model.languageModel()).quantization()).isEqualTo("Q8_0");
    assertThat(names(out))
        .containsExactlyInAnyOrderElementsOf(
            keeps
                ? List.of("tiny-F16.gguf", "tiny-Q8_0.gguf", "tiny-mmproj-f16.gguf")
                : List.of("tiny-Q8_0.gguf", "tiny-mmproj-f16.gguf"));
    assertThat(String.join("\n", said)).contains("Quantizing to Q8_0");
    if (!keeps) {
      assertThat(String.join("\n", said)).contains("A temporary file, removed at the end");
    }
    convert(llava.folder, QuantizationType.Q8_0, "out"); // takes the place of its own files
  }

  @Test
  void whatKilledConversionsLeftIsRemovedAndWhatOthersWriteStays() throws IOException {
    TinyLlava llava = TinyLlava.in(folder.resolve("tiny")).write();
    Path out = Files.createDirectory(folder.resolve("out"));
    long running = ProcessHandle.current().parent().orElseThrow().pid();
    List<String> temporary =
        List.of(
            ".tiny-F16.%d.gguf.tmp",
            "..tiny-BF16.%1$d.gguf.tmp.%1$d.tmp",
            ".vignette-%d.partial",
            ".tiny-mmproj-f16.gguf.%d.tmp",
            ".tiny-Q4_K_M.gguf.%d.tmp");
    List<String> staying = new ArrayList<>(List.of(".other-F16.999999999.gguf.tmp"));
    for (String name : temporary) {
      Files.createFile(out.resolve(name.formatted(999_999_999)));
      staying.add(name.formatted(running));
    }
    for (String name : staying) {
      Files.createFile(out.resolve(name));
    }
    convert(llava.folder, QuantizationType.F16, "out");
    staying.addAll(List.of("tiny-F16.gguf", "tiny-mmproj-f16.gguf"));
    assertThat(names(out)).containsExactlyInAnyOrderElementsOf(staying);
  }

  @Test
  void aConversionThatEndsBeforeItsLanguageModelIsThereLeavesTheEarlierPair() throws IOException {
    TinyLlava llava = TinyLlava.in(folder.resolve("tiny")).write();
    ConvertedModel before = convert(llava.folder, QuantizationType.F16, "out");
    FileTime time = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(before.projector(), time);
    Path out = folder.resolve("out");
    ConversionRequest request =
        new ConversionRequest(
            llava.folder, QuantizationType.F16, out, "tiny", Optional.empty(), false, 2);
    ConversionListener ending =
        new ConversionListener() {
          @Override
          public void step(String sentence) {
            if (sentence.startsWith("The language model")) {
              throw new CancellationException("ended");
            }
          }

          @Override
          public void progress(long written, long all) {}
        };
    assertThatThrownBy(() -> LlavaConversion.convert(request, ending)).hasMessage("ended");
    assertThat(Files.getLastModifiedTime(before.projector())).isEqualTo(time);
    assertThat(names(out)).containsExactlyInAnyOrder("tiny-F16.gguf", "tiny-mmproj-f16.gguf");
    llava.put(
        "multi_modal_projector.linear_1.bias",
        ElementType.F32,
        TensorShape.of(TinyLlava.WIDTH),
        ByteBuffer.allocate(TinyLlava.WIDTH * Float.BYTES));
    llava.write();
    assertThatThrownBy(() -> convert(llava.folder, QuantizationType.BF16, "out"))
        .isInstanceOf(LlavaConversion.ConversionException.class)
        .hasMessageContainingAll("tiny-mmproj-f16.gguf would be replaced", "tiny-F16.gguf");
    assertThat(names(out)).containsExactlyInAnyOrder("tiny-F16.gguf", "tiny-mmproj-f16.gguf");
    for (String sibling : List.of("tiny-f16.gguf", "tiny-Q6_K-00001-of-00002.gguf")) {
      Files.move(out.resolve("tiny-F16.gguf"), out.resolve(sibling));
      assertThatThrownBy(() -> convert(llava.folder, QuantizationType.F16, "out"))
          .isInstanceOf(LlavaConversion.ConversionException.class)
          .hasMessageContainingAll("tiny-mmproj-f16.gguf would be replaced", sibling);
      Files.move(out.resolve(sibling), out.resolve("tiny-F16.gguf"));
    }
    Path linked = Files.createDirectory(folder.resolve("linked"));
    Files.createSymbolicLink(
        linked.resolve("tiny-mmproj-f16.gguf"), out.resolve("tiny-mmproj-f16.gguf"));
    assertThatThrownBy(() -> convert(llava.folder, QuantizationType.F16, "linked"))
        .isInstanceOf(LlavaConversion.ConversionException.class)
        .hasMessageContainingAll("tiny-mmproj-f16.gguf would be replaced", "tiny-F16.gguf");
    Files.delete(linked.resolve("tiny-mmproj-f16.gguf"));
    Files.createSymbolicLink(linked.resolve("tiny-F16.gguf"), out.resolve("tiny-F16.gguf"));
    assertThatThrownBy(() -> convert(llava.folder, QuantizationType.F16, "linked"))
        .isInstanceOf(LlavaConversion.ConversionException.class)
        .hasMessageContainingAll("tiny-F16.gguf would be replaced", "tiny-mmproj-f16.gguf");
    Files.copy(out.resolve("tiny-F16.gguf"), out.resolve("tiny-large-F16.gguf"));
    convert(llava.folder, QuantizationType.F16, "out");
    Files.createSymbolicLink(out.resolve("tiny-BF16.gguf"), folder.resolve("nowhere"));
    assertThatThrownBy(() -> convert(llava.folder, QuantizationType.BF16, "out"))
        .isInstanceOf(LlavaConversion.ConversionException.class)
        .hasMessageContaining("tiny-BF16.gguf is a link");
    try (ProcessLock _ = OutputFolder.take(out, "tiny")) {
      assertThatThrownBy(() -> LlavaConversion.convert(request, ConversionListener.NONE))
          .hasMessageContaining("is being written by another process");
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.endsWith(".lock"))
          .toList();
    }
  }

  @Test
  void aNameIsTheFoldersOrTheRepositorysInTheCache() {
    assertThat(ConversionRequest.nameOf(Path.of("/models/llava-1.5/"))).isEqualTo("llava-1.5");
    assertThat(
            ConversionRequest.nameOf(
                Path.of("/c/hub/models--llava-hf--llava-1.5-7b-hf/snapshots/0123abc")))
        .isEqualTo("llava-1.5-7b-hf");
  }

  /** The miniature, whose files llama.cpp has been held against transformers with. */
  @ParameterizedTest
  @ValueSource(strings = {"tokenizer.model", "tokenizer.json"})
  void theMiniatureBecomesItsPublishedFilesByteForByte(String tokenizer) throws IOException {
    Path source = SHARED.resolve("llava");
    assumeTrue(Files.isDirectory(source), () -> "Skipped: there is no " + source);
    Path copy = Files.createDirectories(folder.resolve("llava"));
    for (String name : List.of("config.json", "generation_config.json", "model.safetensors")) {
      Files.createSymbolicLink(copy.resolve(name), source.resolve(name).toAbsolutePath());
    }
    resource("chat_template.jinja", copy);
    if (tokenizer.equals("tokenizer.model")) {
      Files.copy(source.resolve(tokenizer), copy.resolve(tokenizer));
    } else {
      resource("tokenizer.json", copy);
      resource("tokenizer_config.json", copy);
      resource("preprocessor_config.json", copy);
    }
    ConvertedModel model =
        LlavaConversion.convert(
            new ConversionRequest(
                copy,
                QuantizationType.F16,
                folder.resolve("out"),
                "mini-llava",
                Optional.empty(),
                false,
                2),
            ConversionListener.NONE);
    assertThat(model.languageModel()).hasSameBinaryContentAs(SHARED.resolve("mini-llava-f16.gguf"));
    assertThat(model.projector())
        .hasSameBinaryContentAs(SHARED.resolve("mini-llava-mmproj-f16.gguf"));
  }

  private static void resource(String name, Path folder) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(LlavaConversionTest.class.getResourceAsStream(name))) {
      Files.copy(in, folder.resolve(name));
    }
  }
}
