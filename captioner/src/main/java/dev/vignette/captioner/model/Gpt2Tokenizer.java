package dev.vignette.captioner.model;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.vignette.files.ContentHash;
import dev.vignette.files.TextFile;
import dev.vignette.torch.JsonSettings;
import dev.vignette.torch.TokenizerLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * GPT-2's byte-level tokenizer, from {@code tokenizer.json} or {@code encoder.json} and {@code
 * vocab.bpe}.
 */
public final class Gpt2Tokenizer implements AutoCloseable {
  private static final Map<String, String> OPTIONS =
      Map.of("padding", "DO_NOT_PAD", "truncation", "DO_NOT_TRUNCATE", "addSpecialTokens", "false");

  private static final String WHOLE = "tokenizer.json";
  private static final String ENCODER = "encoder.json";
  private static final String MERGES = "vocab.bpe";

  private final HuggingFaceTokenizer tokenizer;
  private final int endToken;

  private Gpt2Tokenizer(HuggingFaceTokenizer tokenizer, int endToken, Path folder) {
    this.tokenizer = tokenizer;
    this.endToken = endToken;
    long[] end = {endToken};
    String text = tokenizer.decode(end, false);
    // A special token is left out where those are skipped.
    if (text.isEmpty() || !tokenizer.decode(end, true).isEmpty()) {
      tokenizer.close();
      throw otherModel(endToken, folder.toString(), text);
    }
  }

  private static IllegalArgumentException otherModel(int endToken, String place, String text) {
    return new IllegalArgumentException(
        "Token %d ends the captions of this decoder, but in the tokenizer of %s it is %s: that is the tokenizer of another model. Give the decoder's own by decoder.tokenizer, or copy it beside the decoder"
            .formatted(endToken, place, text.isEmpty() ? "none" : "the text \"" + text + "\""));
  }

  /** Whether a folder has a tokenizer in one of the two forms. */
  public static boolean isIn(Path folder) {
    return Files.isRegularFile(folder.resolve(WHOLE))
        || (Files.isRegularFile(folder.resolve(ENCODER))
            && Files.isRegularFile(folder.resolve(MERGES)));
  }

  /**
   * Opens the tokenizer of a folder.
   *
   * @param endToken begins and ends every caption
   * @throws IllegalArgumentException when the folder has neither form of it, or that of a model
   *     with another end token
   */
  public static Gpt2Tokenizer open(Path folder, int endToken) throws IOException {
    Path whole = folder.resolve(WHOLE);
    Path encoder = folder.resolve(ENCODER);
    Path merges = folder.resolve(MERGES);
    if (Files.isRegularFile(whole)) {
      return new Gpt2Tokenizer(TokenizerLibrary.open(whole, OPTIONS), endToken, folder);
    }
    if (Files.isRegularFile(encoder) && Files.isRegularFile(merges)) {
      byte[] json = join(encoder, merges, endToken).getBytes(StandardCharsets.UTF_8);
      String name = "%s with %s".formatted(encoder, MERGES);
      return new Gpt2Tokenizer(TokenizerLibrary.open(name, json, OPTIONS), endToken, folder);
    }
    throw new IllegalArgumentException(
        "%s has no tokenizer.json, nor encoder.json with vocab.bpe; copy GPT-2's tokenizer there"
            .formatted(folder));
  }

  /** Returns the files of {@code folder} that {@link #open} reads. */
  public static List<Path> files(Path folder) {
    Path whole = folder.resolve(WHOLE);
    return Files.isRegularFile(whole)
        ? List.of(whole)
        : List.of(folder.resolve(ENCODER), folder.resolve(MERGES));
  }

  /**
   * Returns the hashes of {@link #files}, with a space between them.
   *
   * @throws IOException if one cannot be read
   */
  public static String hash(Path folder) throws IOException {
    StringJoiner hashes = new StringJoiner(" ");
    for (Path file : files(folder)) {
      hashes.add(ContentHash.sampled(file));
    }
    return hashes.toString();
  }

  /** OpenAI's two files as one {@code tokenizer.json}; the end token is special there. */
  private static String join(Path encoder, Path merges, int endToken) throws IOException {
    JsonMapper json = JsonMapper.shared();
    JsonNode vocabulary = JsonSettings.read(encoder, Gpt2Config.REMEDY).node();
    ObjectNode byteLevel = json.createObjectNode();
    byteLevel.put("type", "ByteLevel").put("add_prefix_space", false).put("trim_offsets", true);
    ObjectNode root = json.createObjectNode();
    root.put("version", "1.0").putNull("normalizer");
    root.putArray("added_tokens")
        .addObject()
        .put("id", endToken)
        .put("content", endText(vocabulary, endToken, encoder))
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", true);
    root.set("pre_tokenizer", byteLevel);
    root.set("decoder", byteLevel);
    ObjectNode model = root.putObject("model");
    model.put("type", "BPE").put("continuing_subword_prefix", "").put("end_of_word_suffix", "");
    model.set("vocab", vocabulary);
    ArrayNode list = model.putArray("merges");
    TextFile.read(merges)
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#version"))
        .forEach(list::add);
    return root.toString();
  }

  /** What the end token is called; a vocabulary may end just before it. */
  private static String endText(JsonNode vocabulary, int endToken, Path encoder) {
    String text =
        vocabulary.properties().stream()
            .filter(entry -> entry.getValue().asInt(-1) == endToken)
            .map(Map.Entry::getKey)
            .findFirst()
            .orElse("");
    if (text.isEmpty() ? vocabulary.size() != endToken : !text.startsWith("<")) {
      throw otherModel(endToken, encoder.toString(), text);
    }
    return text.isEmpty() ? "<|endoftext|>" : text;
  }

  /** Token ids of a caption between the begin and the end token. */
  public long[] encode(String caption) {
    long[] ids = tokenizer.encode(caption, false, false).getIds();
    long[] framed = new long[ids.length + 2];
    System.arraycopy(ids, 0, framed, 1, ids.length);
    framed[0] = endToken;
    framed[framed.length - 1] = endToken;
    return framed;
  }

  /** Text of generated tokens, without blanks at its ends. */
  public String decode(int[] ids) {
    long[] longs = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      longs[i] = ids[i];
    }
    return ids.length == 0 ? "" : tokenizer.decode(longs, true).strip();
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
