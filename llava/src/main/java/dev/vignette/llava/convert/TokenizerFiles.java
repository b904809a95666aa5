package dev.vignette.llava.convert;

import dev.vignette.llava.convert.LlavaConversion.ConversionException;
import dev.vignette.llava.convert.TokenTable.Entry;
import dev.vignette.weights.JsonObject;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * The tokenizer of a model's folder: {@code tokenizer.model} when it is there, with the tokens that
 * were added to it, else {@code tokenizer.json}.
 */
final class TokenizerFiles {

  private static final String PIECES = "tokenizer.model";
  private static final String JSON = "tokenizer.json";

  /** Llama 3's rule, as its tokenizer.json has it; llama.cpp names it. */
  private static final String LLAMA_3_SPLIT =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private final Path folder;
  private final LlavaConfig config;
  private final JsonObject tokenizer;
  private final JsonObject settings;
  private final JsonObject addedNumbers;

  private TokenizerFiles(Path folder, LlavaConfig config) throws IOException {
    this.folder = folder;
    this.config = config;
    this.tokenizer = optional(JSON);
    this.settings = optional("tokenizer_config.json");
    this.addedNumbers = optional("added_tokens.json");
  }

  /**
   * Reads a folder's tokenizer.
   *
   * @throws ConversionException when there is none, it is of an unknown kind, or it has more tokens
   *     than the model
   */
  static TokenTable read(Path folder, LlavaConfig config) throws IOException {
    TokenizerFiles files = new TokenizerFiles(folder, config);
    if (Files.isRegularFile(folder.resolve(PIECES))) {
      return files.sentencePiece();
    }
    if (!Files.isRegularFile(folder.resolve(JSON))) {
      throw new ConversionException(
          "%s holds no tokenizer; %s or %s of the same model is needed"
              .formatted(folder, PIECES, JSON));
    }
    JsonObject model = files.tokenizer.requireObject("model");
    LanguageShape.requireValue(model, "type", "BPE");
    return model.flag("byte_fallback").orElse(false)
        ? files.mergedPieces(model)
        : files.bytePairs(model);
  }

  private JsonObject optional(String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.isRegularFile(file) ? JsonObject.read(file) : JsonObject.empty(file.toString());
  }

  private TokenTable sentencePiece() throws IOException {
    SentencePieceFile file = SentencePieceFile.read(folder.resolve(PIECES));
    Map<Integer, Entry> tokens = new HashMap<>();
    for (int token = 0; token < file.pieces().size(); token++) {
      SentencePieceFile.Piece piece = file.pieces().get(token);
      tokens.put(token, new Entry(piece.text(), piece.score(), piece.type()));
    }
    Map<Integer, Entry> added = addedTokens();
    // A tokenizer of LLaVA's knows the two tokens it added; one of the LLaMA beneath does not.
    config.imageToken().ifPresent(token -> added.putIfAbsent(token, control("<image>")));
    added.forEach((token, entry) -> {
      Entry piece = tokens.putIfAbsent(token, entry);
      if (piece != null && !piece.text().equals(entry.text())) {
        throw new ConversionException(
            "Token %d is \"%s\" in %s, but \"%s\" among the added tokens of its folder; get all its files from one revision"
                .formatted(token, piece.text(), folder.resolve(PIECES), entry.text()));
      }
    });
    SequencedMap<String, Integer> special = special(tokens);
    Optional.ofNullable(special.get("padding"))
        .ifPresent(token -> tokens.putIfAbsent(token, control("<pad>")));
    return table(tokens, List.of(), "default", special, true, file.addsSpace());
  }

  private static Entry control(String text) {
    return new Entry(text, TokenTable.NO_SCORE, TokenType.CONTROL);
  }

  /**
   * A SentencePiece model that transformers made into merges: a piece's score is its turn, counted
   * down from 0, of being merged.
   */
  private TokenTable mergedPieces(JsonObject model) {
    Map<Integer, Entry> added = addedTokens();
    String unknown = model.text("unk_token").orElse("<unk>");
    Map<String, Integer> turns = new HashMap<>();
    for (String[] merge : merges(model)) {
      turns.putIfAbsent(merge[0] + merge[1], turns.size());
    }
    Map<Integer, Entry> tokens = new TreeMap<>();
    JsonObject vocabulary = model.requireObject("vocab");
    Map<Integer, String> unmerged = new TreeMap<>();
    for (String text : vocabulary.names()) {
      int token = (int) vocabulary.requireWholeNumber(text, 0, Integer.MAX_VALUE);
      Integer turn = turns.get(text);
      Entry addition = added.get(token);
      if (text.equals(unknown)) {
        tokens.put(token, new Entry(text, 0, TokenType.UNKNOWN));
      } else if (text.matches("<0x[0-9A-F]{2}>")) {
        tokens.put(token, new Entry(text, 0, TokenType.BYTE));
      } else if (addition != null) {
        tokens.put(token, new Entry(text, 0, addition.type()));
      } else if (turn != null) {
        tokens.put(token, new Entry(text, score(turn), TokenType.NORMAL));
      } else {
        unmerged.put(token, text);
      }
    }
    int last = turns.size();
    for (Map.Entry<Integer, String> piece : unmerged.entrySet()) {
      tokens.put(piece.getKey(), new Entry(piece.getValue(), score(last++), TokenType.NORMAL));
    }
    added.forEach(tokens::putIfAbsent);
    return table(tokens, List.of(), "default", special(tokens), true, addsSpace());
  }

  /** SentencePiece's own score of a piece, down to the sign of its zero. */
  private static float score(int turn) {
    return -(float) turn;
  }

  /** Whether the normalizer or the pre-tokenizer puts a space before a text. */
  private boolean addsSpace() {
    Optional<JsonObject> pre = tokenizer.object("pre_tokenizer");
    if (pre.isPresent() && pre.get().text("type").orElse("").equals("Metaspace")) {
      return !pre.get().text("prepend_scheme").orElse("always").equals("never");
    }
    return tokenizer.object("normalizer").map(Object::toString).orElse("").contains("Prepend");
  }

  /** A byte-level BPE as Llama 3 has it. */
  private TokenTable bytePairs(JsonObject model) {
    requireLlama3Split();
    JsonObject vocabulary = model.requireObject("vocab");
    Map<Integer, Entry> tokens = new HashMap<>();
    for (String text : vocabulary.names()) {
      int token = (int) vocabulary.requireWholeNumber(text, 0, Integer.MAX_VALUE);
      tokens.put(token, new Entry(text, 0, TokenType.NORMAL));
    }
    tokens.putAll(addedTokens());
    List<String> merges = merges(model).stream().map(merge -> merge[0] + " " + merge[1]).toList();
    return table(tokens, merges, "llama-bpe", special(tokens), beginsWithSpecial(), true);
  }

  private void requireLlama3Split() {
    String rule = "";
    for (JsonObject step : steps(tokenizer.object("pre_tokenizer"), "pretokenizers")) {
      if (step.text("type").orElse("").equals("Split")) {
        rule = step.object("pattern").flatMap(pattern -> pattern.text("Regex")).orElse("");
      }
    }
    if (!rule.equals(LLAMA_3_SPLIT)) {
      throw new ConversionException(
          "%s cuts texts by %s before merging; of byte-level tokenizers only Llama 3's can be converted"
              .formatted(tokenizer.place(), rule.isEmpty() ? "no rule that is known" : rule));
    }
  }

  private static List<JsonObject> steps(Optional<JsonObject> whole, String name) {
    if (whole.isEmpty()) {
      return List.of();
    }
    return whole.get().isList(name)
        ? whole.get().list(name, JsonObject.class)
        : List.of(whole.get());
  }

  private boolean beginsWithSpecial() {
    for (JsonObject step : steps(tokenizer.object("post_processor"), "processors")) {
      List<JsonObject> single =
          step.isList("single") ? step.list("single", JsonObject.class) : List.of();
      if (!single.isEmpty()) {
        return single.getFirst().has("SpecialToken");
      }
    }
    return false;
  }

  /** Both ways in which transformers writes merges: {@code "a b"} and {@code ["a", "b"]}. */
  private static List<String[]> merges(JsonObject model) {
    return model.list("merges", Object.class).stream()
        .map(merge -> twoParts(model, merge))
        .toList();
  }

  private static String[] twoParts(JsonObject model, Object merge) {
    String[] parts =
        merge instanceof List<?> list
            ? list.stream().map(String::valueOf).toArray(String[]::new)
            : String.valueOf(merge).split(" ", 2);
    if (parts.length != 2) {
      throw new ConversionException(
          "%s has a merge of %d parts; two are needed".formatted(model.place(), parts.length));
    }
    return parts;
  }

  /** Tokens that were added to a vocabulary, wherever transformers keeps them. */
  private Map<Integer, Entry> addedTokens() {
    Map<Integer, Entry> added = new HashMap<>();
    for (String text : addedNumbers.names()) {
      added.put((int) addedNumbers.requireWholeNumber(text, 0, Integer.MAX_VALUE), control(text));
    }
    for (JsonObject token : tokenizer.list("added_tokens", JsonObject.class)) {
      added.put((int) token.requireWholeNumber("id", 0, Integer.MAX_VALUE), added(token));
    }
    JsonObject decoder =
        settings.object("added_tokens_decoder").orElse(JsonObject.empty(settings.place()));
    for (String number : decoder.names()) {
      if (!number.matches("\\d{1,9}")) {
        throw new ConversionException(
            "%s has a token \"%s\"; tokens are numbers".formatted(decoder.place(), number));
      }
      added.put(Integer.parseInt(number), added(decoder.requireObject(number)));
    }
    return added;
  }

  private static Entry added(JsonObject token) {
    boolean special = token.flag("special").orElse(false);
    return new Entry(
        token.requireText("content"),
        TokenTable.NO_SCORE,
        special ? TokenType.CONTROL : TokenType.USER_DEFINED);
  }

  private SequencedMap<String, Integer> special(Map<Integer, Entry> tokens) {
    Map<String, Integer> numbers = new HashMap<>();
    tokens.forEach((token, entry) -> numbers.put(entry.text(), token));
    SequencedMap<String, Integer> special = new LinkedHashMap<>();
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("bos", "bos");
    keys.put("eos", "eos");
    keys.put("unknown", "unk");
    keys.put("padding", "pad");
    keys.forEach((key, name) ->
        namedToken(name + "_token")
            .flatMap(text -> Optional.ofNullable(numbers.get(text)))
            .or(() -> configured(name + "_token_id"))
            .or(() -> firstOf(tokens, key))
            .ifPresent(token -> special.put(key, token)));
    return special;
  }

  private Optional<String> namedToken(String name) {
    return settings.isObject(name)
        ? settings.requireObject(name).text("content")
        : settings.text(name);
  }

  private Optional<Integer> configured(String name) {
    for (JsonObject place : List.of(config.json(), config.textJson())) {
      // A list has several ends of a text; a negative number stands for none.
      if (place.has(name) && !place.isList(name) && place.wholeNumber(name).orElse(-1) >= 0) {
        return Optional.of((int) place.requireWholeNumber(name, 0, Integer.MAX_VALUE));
      }
    }
    return Optional.empty();
  }

  /** What LLaMA's own pieces say where nothing else does. */
  private static Optional<Integer> firstOf(Map<Integer, Entry> tokens, String key) {
    String text =
        switch (key) {
          case "bos" -> "<s>";
          case "eos" -> "</s>";
          case "unknown" -> "<unk>";
          default -> "";
        };
    return tokens.entrySet().stream()
        .filter(token -> token.getValue().text().equals(text))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private TokenTable table(
      Map<Integer, Entry> tokens,
      List<String> merges,
      String split,
      SequencedMap<String, Integer> special,
      boolean addsBegin,
      boolean addsSpace) {
    int size = config.language().vocabulary();
    String place = "The tokenizer in " + folder;
    List<Entry> entries = TokenTable.padded(tokens, size, place);
    special.forEach((name, token) -> {
      if (token >= size) {
        throw new ConversionException(
            "%s: the %s token is %d of %d".formatted(folder, name, token, size));
      }
    });
    return new TokenTable(
        entries,
        merges,
        split,
        special,
        settings.flag("add_bos_token").orElse(addsBegin),
        settings.flag("add_eos_token").orElse(false),
        addsSpace,
        chatTemplate());
  }

  /** The template as text: a file of its own before the settings' entry. */
  private Optional<String> chatTemplate() {
    try {
      Path file = folder.resolve("chat_template.jinja");
      if (Files.isRegularFile(file)) {
        return Optional.of(Files.readString(file));
      }
      Optional<String> own = optional("chat_template.json").text("chat_template");
      return own.isEmpty() && settings.isText("chat_template")
          ? settings.text("chat_template")
          : own;
    } catch (CharacterCodingException e) {
      throw new ConversionException(
          "The chat template in %s is no text in UTF-8. Copy it from the published model."
              .formatted(folder));
    } catch (IOException e) {
      throw new ConversionException(
          "The chat template in %s cannot be read: %s".formatted(folder, e.getMessage()));
    }
  }
}
