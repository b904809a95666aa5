package dev.vignette.eval;

import dev.vignette.eval.tokenize.CaptionTokenizer;
import dev.vignette.eval.tokenize.Tokenization;
import dev.vignette.eval.tokenize.TokenizedCaptions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The references that were tokenized last, by mode: whoever scores the same images again need not
 * tokenize them again. Safe for use by several threads.
 */
final class KnownReferences {
  private final CaptionTokenizer tokenizer;
  private final Map<Tokenization, Known> known = new ConcurrentHashMap<>();

  private record Known(List<String> texts, TokenizedCaptions tokens) {}

  KnownReferences(CaptionTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** The tokens of references; those of the call before if the texts are the same. */
  TokenizedCaptions tokens(List<String> texts, Tokenization mode) {
    Known before = known.get(mode);
    if (before != null && before.texts().equals(texts)) {
      return before.tokens();
    }
    TokenizedCaptions tokens = tokenizer.tokenize(texts, mode);
    known.put(mode, new Known(List.copyOf(texts), tokens));
    return tokens;
  }
}
