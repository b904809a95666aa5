package dev.vignette.llava;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * What transformers (5.17, float32) makes of the miniature LLaVA: {@code golden/llava} of the data
 * beside the checkout.
 */
final class Golden {

  static final Path SHARED = Path.of(System.getProperty("vignette.shared"));
  static final Path IMAGES =
      Path.of(System.getProperty("vignette.root"), "models/mini/data/images/val");
  static final List<String> STAGED =
      List.of("000000000001", "000000000002", "000000000003", "000000000004", "000000000005");

  /** The token that transformers puts in the image's places. */
  static final int IMAGE_TOKEN = 760;

  private final JsonNode json;
  private final JsonNode header;
  private final ByteBuffer data;
  private final Map<String, Map<String, Expected>> captions = new HashMap<>();

  /** A caption and, with beams, its score. */
  record Expected(String caption, double score) {}

  private Golden(JsonNode json, JsonNode header, ByteBuffer data) {
    this.json = json;
    this.header = header;
    this.data = data;
  }

  /** Skips the test when the data is not there. */
  static Golden load() throws IOException {
    Path folder = SHARED.resolve("golden/llava");
    assumeTrue(Files.isDirectory(folder), "golden/llava is not beside the checkout");
    ObjectMapper mapper = new ObjectMapper();
    ByteBuffer file =
        ByteBuffer.wrap(Files.readAllBytes(folder.resolve("golden_llava.safetensors")))
            .order(ByteOrder.LITTLE_ENDIAN);
    byte[] text = new byte[Math.toIntExact(file.getLong())];
    file.get(text);
    return new Golden(
        mapper.readTree(Files.readString(folder.resolve("golden_llava.json"))),
        mapper.readTree(new String(text, StandardCharsets.UTF_8)),
        file.slice().order(ByteOrder.LITTLE_ENDIAN));
  }

  /** A model beside the checkout; skips the test when it is not there. */
  static Path model(String name) {
    Path file = SHARED.resolve("miniworld/models").resolve(name);
    assumeTrue(Files.exists(file), name + " is not beside the checkout");
    return file;
  }

  /** A tensor of 32-bit floats. */
  float[] tensor(String name) {
    JsonNode offsets = header.get(name).get("data_offsets");
    int from = offsets.get(0).asInt();
    float[] values = new float[(offsets.get(1).asInt() - from) / Float.BYTES];
    data.slice(from, values.length * Float.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    return values;
  }

  /** A tensor of 32-bit integers. */
  int[] integers(String name) {
    JsonNode offsets = header.get(name).get("data_offsets");
    int from = offsets.get(0).asInt();
    int[] values = new int[(offsets.get(1).asInt() - from) / Integer.BYTES];
    data.slice(from, values.length * Integer.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asIntBuffer()
        .get(values);
    return values;
  }

  Map<String, String> prompts() {
    Map<String, String> prompts = new LinkedHashMap<>();
    json.get("prompts").properties().forEach(e -> prompts.put(e.getKey(), e.getValue().asString()));
    return prompts;
  }

  String prompt(String name) {
    return json.get("prompts").get(name).asString();
  }

  int[] promptTokens(String prompt) {
    JsonNode ids = json.get("prompt_token_ids").get(prompt);
    int[] tokens = new int[ids.size()];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = ids.get(i).asInt();
    }
    return tokens;
  }

  int maxNewTokens() {
    return json.get("max_new_tokens").asInt();
  }

  /** The expected captions of a set such as {@code crop/seed_best/beams1}, by file stem. */
  Map<String, Expected> captions(String set) {
    return captions.computeIfAbsent(set, this::readCaptions);
  }

  private Map<String, Expected> readCaptions(String set) {
    Map<String, Expected> read = new LinkedHashMap<>();
    json.get("captions")
        .get(set)
        .properties()
        .forEach(e ->
            read.put(
                e.getKey(),
                new Expected(
                    e.getValue().get("caption").asString(),
                    e.getValue().has("score") ? e.getValue().get("score").asDouble() : 0)));
    return read;
  }

  List<String> sets() {
    return json.get("captions").properties().stream().map(Map.Entry::getKey).toList();
  }
}
