package dev.vignette.llava.convert;

import dev.vignette.llava.convert.LlavaConversion.ConversionException;
import dev.vignette.weights.gguf.GgufWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * A tokenizer as a GGUF file holds it: one entry for each row of the token embeddings.
 *
 * @param entries by token number
 * @param merges of a byte-level BPE, the first first; empty for SentencePiece
 * @param split name of the rule by which a text is cut before merging, {@code tokenizer.ggml.pre}
 * @param special numbers of special tokens by their names in keys: {@code bos}, {@code eos}, {@code
 *     unknown}, {@code padding}
 * @param addsBegin whether a text gets the token of its beginning
 * @param addsEnd whether a text gets the token of its end
 * @param addsSpace whether a text gets a space before it
 * @param chatTemplate in Jinja
 */
record TokenTable(
    List<Entry> entries,
    List<String> merges,
    String split,
    SequencedMap<String, Integer> special,
    boolean addsBegin,
    boolean addsEnd,
    boolean addsSpace,
    Optional<String> chatTemplate) {

  /** The score of tokens that nothing is merged into. */
  static final float NO_SCORE = -1000;

  /** A token. */
  record Entry(String text, float score, TokenType type) {}

  TokenTable {
    entries = List.copyOf(entries);
    merges = List.copyOf(merges);
  }

  /** The entries of tokens by number, with unused ones in the gaps. */
  static List<Entry> padded(Map<Integer, Entry> tokens, int size, String place) {
    TreeMap<Integer, Entry> sorted = new TreeMap<>(tokens);
    if (sorted.isEmpty() || sorted.firstKey() < 0 || sorted.lastKey() >= size) {
      throw new ConversionException(
          "%s has tokens %s, but by config.json the token embeddings have %d rows; they are of different models"
              .formatted(
                  place,
                  sorted.isEmpty() ? "none" : sorted.firstKey() + " to " + sorted.lastKey(),
                  size));
    }
    List<Entry> entries = new ArrayList<>(size);
    for (int token = 0; token < size; token++) {
      entries.add(
          sorted.getOrDefault(token, new Entry("[PAD" + token + "]", NO_SCORE, TokenType.UNUSED)));
    }
    return entries;
  }

  /** Adds the keys of a tokenizer (llama.cpp v0.5.0, gguf-py's constants.py, Keys.Tokenizer). */
  void addTo(GgufWriter writer) {
    boolean bytePairs = !merges.isEmpty();
    writer.text("tokenizer.ggml.model", bytePairs ? "gpt2" : "llama");
    writer.text("tokenizer.ggml.pre", split);
    writer.texts("tokenizer.ggml.tokens", entries.stream().map(Entry::text).toList());
    if (bytePairs) {
      writer.texts("tokenizer.ggml.merges", merges);
    } else {
      writer.float32s("tokenizer.ggml.scores", entries.stream().map(Entry::score).toList());
    }
    writer.int32s(
        "tokenizer.ggml.token_type", entries.stream().map(entry -> entry.type().number()).toList());
    special.forEach((name, token) -> writer.uint32("tokenizer.ggml." + name + "_token_id", token));
    writer.flag("tokenizer.ggml.add_bos_token", addsBegin);
    writer.flag("tokenizer.ggml.add_eos_token", addsEnd);
    if (!addsSpace) {
      writer.flag("tokenizer.ggml.add_space_prefix", false);
    }
    chatTemplate.ifPresent(template -> writer.text("tokenizer.chat_template", template));
  }
}
