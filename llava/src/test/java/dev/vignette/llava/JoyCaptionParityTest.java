package dev.vignette.llava;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.PixelGeometry.Box;
import dev.vignette.images.PixelPreprocessor.Framing;
import dev.vignette.images.RgbImage;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.LlamaModel.ModelOptions;
import dev.vignette.llama.Quantizer.QuantizationType;
import dev.vignette.llava.convert.ConversionRequest;
import dev.vignette.llava.convert.LlavaConversion;
import dev.vignette.llava.convert.LlavaConversion.ConversionListener;
import dev.vignette.llava.convert.LlavaConversion.ConvertedModel;
import dev.vignette.weights.Safetensors;
import dev.vignette.weights.gguf.GgufFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * The miniature of JoyCaption (a SigLIP tower, a Llama 3), converted, against transformers on the
 * same weights: prompt, features, first logits, captions.
 */
class JoyCaptionParityTest {

  private static final int IMAGE_TOKEN = 367;
  private static final int END_OF_TURN = 366;
  private static final int MOST_TOKENS = 12;

  @TempDir private static Path folder = Path.of("");
  private static Path goldens = Path.of("");
  private static JsonNode json = new ObjectMapper().createObjectNode();

  @BeforeAll
  static void convert() throws IOException, URISyntaxException {
    Path golden =
        Path.of(
            Objects.requireNonNull(JoyCaptionParityTest.class.getResource("joycaption/golden.json"))
                .toURI());
    goldens = golden.resolveSibling(".");
    json = new ObjectMapper().readTree(Files.readString(goldens.resolve("golden.json")));
    for (String type : List.of("F16", "F32")) {
      LlavaConversion.convert(
          new ConversionRequest(
              goldens.resolve("model"),
              QuantizationType.parse(type),
              folder.resolve(type),
              "joy",
              Optional.empty(),
              false,
              1),
          ConversionListener.NONE);
    }
  }

  private static ConvertedModel files(String type) {
    return new ConvertedModel(
        folder.resolve("%1$s/joy-%1$s.gguf".formatted(type)),
        folder.resolve("%s/joy-mmproj-%s.gguf".formatted(type, type.replace('F', 'f'))));
  }

  private static LlavaCaptioner open(String type) {
    ConvertedModel files = files(type);
    return LlavaCaptioner.open(
        LlavaOptions.of(files.languageModel(), files.projector())
            .withLoad(ModelOptions.defaults().withDevice(new DeviceRequest.Cpu())));
  }

  private static RgbImage image(String stem) {
    return RgbImage.read(Golden.IMAGES.resolve(stem + ".jpg"));
  }

  private static float[] tensor(String name) throws IOException {
    FloatBuffer values =
        Safetensors.open(goldens.resolve("golden.safetensors"))
            .bytes(name)
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer();
    float[] copy = new float[values.remaining()];
    values.get(copy);
    return copy;
  }

  private static int[] integers(JsonNode node) {
    int[] numbers = new int[node.size()];
    Arrays.setAll(numbers, i -> node.get(i).asInt());
    return numbers;
  }

  @Test
  void thePromptIsThatOfItsChatTemplateAndBeginsOnce() {
    try (LlavaCaptioner captioner = open("F16")) {
      int[] tokens =
          Arrays.stream(
                  captioner
                      .model()
                      .prompt(image("000000000001"), json.get("prompt").asString())
                      .ruleTokens())
              .map(token -> token < 0 ? IMAGE_TOKEN : token)
              .toArray();
      assertThat(tokens).containsExactly(integers(json.get("prompt_tokens")));
    }
  }

  /** GELU is tabulated in half precision by llama.cpp, and the projector's is its approximation. */
  @ParameterizedTest
  @ValueSource(strings = {"F16", "F32"})
  void projectedFeaturesAreWithinTwoThousandths(String type) throws IOException {
    try (LlavaCaptioner captioner = open(type)) {
      for (String stem : Golden.STAGED) {
        float[] features =
            captioner.single().projector().encode(captioner.prepare(image(stem)).rgb()).toArray();
        float[] expected = tensor(stem + ".projected");
        double difference = 0;
        double norm = 0;
        assertThat(features).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
          difference += Math.pow((double) features[i] - expected[i], 2);
          norm += Math.pow(expected[i], 2);
        }
        assertThat(Math.sqrt(difference / norm)).as(stem).isLessThan(2e-3);
      }
    }
  }

  @Test
  void imagesEncodedTogetherHaveTheBitsTheyHaveAlone() {
    try (LlavaCaptioner captioner = open("F16")) {
      var projector = captioner.single().projector();
      List<byte[]> pictures =
          Golden.STAGED.stream().map(stem -> captioner.prepare(image(stem)).rgb()).toList();
      List<float[]> alone = pictures.stream().map(rgb -> projector.encode(rgb).toArray()).toList();
      var together = projector.encode(pictures);
      for (int i = 0; i < alone.size(); i++) {
        assertThat(together.get(i).toArray()).isEqualTo(alone.get(i));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"F16", "F32"})
  void firstLogitsAndGreedyCaptionsAreTransformers(String type) throws IOException {
    GenerationConfig greedy = GenerationConfig.builder().maxNewTokens(MOST_TOKENS).build();
    GenerationConfig one = GenerationConfig.builder().maxNewTokens(1).build();
    try (LlavaCaptioner captioner = open(type)) {
      String instruction = json.get("prompt").asString();
      float[] logits = new float[captioner.model().vocabulary().size()];
      for (String stem : Golden.STAGED) {
        EncodedImage encoded = captioner.encode(captioner.prepare(image(stem)));
        encoded.caption(instruction, one);
        captioner.single().lastLogits().copy(0, logits);
        assertThat(logits).as(stem).containsExactly(tensor(stem + ".first_logits"), within(0.05f));
        JsonNode expected = json.get("captions").get(stem);
        Caption caption = encoded.caption(instruction, greedy);
        assertThat(withEndOfTurn(caption.hypothesis().tokens()))
            .as(stem)
            .containsExactly(integers(expected.get("tokens")));
        assertThat(caption.text()).isEqualTo(expected.get("caption").asString());
      }
    }
  }

  /** A caption of fewer tokens than allowed was ended, by the token that ends a turn. */
  private static int[] withEndOfTurn(int[] tokens) {
    int[] ended = Arrays.copyOf(tokens, Math.min(MOST_TOKENS, tokens.length + 1));
    Arrays.fill(ended, tokens.length, ended.length, END_OF_TURN);
    return ended;
  }

  @Test
  void theProjectorSaysWhatAnImplementationHasToKnow() {
    GgufFile projector = GgufFile.read(files("F16").projector());
    assertThat(projector.metadata().int32s("clip.vision.feature_layer")).containsExactly(3);
    assertThat(projector.metadata().flag("clip.use_gelu")).contains(true);
    assertThat(projector.metadata().text("vignette.image.resampling")).contains("bilinear");
    assertThat(projector.metadata().float32s("clip.vision.image_mean"))
        .containsExactly(0.5f, 0.5f, 0.5f);
    assertThat(projector.tensors().keySet())
        .contains("v.patch_embd.bias", "v.blk.2.ln1.weight")
        .doesNotContain(
            "v.class_embd", "v.pre_ln.weight", "v.post_ln.weight", "v.blk.3.ln1.weight");
    assertThat(GgufFile.read(files("F16").languageModel()).tensors())
        .containsKey("rope_freqs.weight");
  }

  /** 4 patches of 14 pixels leave 6 of 62 over: the maps of words end where the patches do. */
  @Test
  void theMapsEndWhereThePatchesDo() {
    try (LlavaCaptioner captioner = open("F16")) {
      RgbImage wide = new RgbImage(124, 62, new byte[3 * 124 * 62]);
      assertThat(captioner.model().geometry(wide).seen()).isEqualTo(new Box(0, 0, 112, 56));
    }
  }

  @Test
  void anotherFramingAndAnotherTemplateMayBeAskedFor() {
    ConvertedModel files = files("F16");
    LlavaOptions options =
        LlavaOptions.of(files.languageModel(), files.projector())
            .withLoad(ModelOptions.defaults().withDevice(new DeviceRequest.Cpu()))
            .withFraming(Framing.CROP)
            .withTemplate(PromptTemplate.parse("<image>{instruction}"));
    LlavaOptions usual =
        LlavaOptions.of(files.languageModel(), files.projector()).withLoad(options.load());
    try (LlavaModel model = LlavaModel.open(options);
        LlavaModel asItIs = LlavaModel.open(usual)) {
      RgbImage wide = new RgbImage(124, 62, new byte[3 * 124 * 62]);
      assertThat(model.geometry(wide).seen()).isEqualTo(new Box(31, 0, 87, 56));
      assertThat(model.prompt(model.prepare(wide), "a").length()).isEqualTo(1 + 16 + 1);
      assertThat(model.fingerprint()).isNotEqualTo(asItIs.fingerprint());
    }
  }
}
