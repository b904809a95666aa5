package dev.vignette.eval;

import dev.vignette.eval.CaptionTokens.Tokenized;
import dev.vignette.eval.tokenize.CaptionTokenizer;
import dev.vignette.eval.tokenize.Tokenization;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The references that were tokenized last, by mode: whoever scores the same images again need not
 * tokenize them again. Safe for use by several threads.
 */
final class KnownReferences implements CaptionTokens.ReferenceTokens {
  private final CaptionTokenizer tokenizer;
  private final Map<Tokenization, Known> known = new ConcurrentHashMap<>();

  private record Known(List<String> texts, Tokenized tokens) {}

  KnownReferences(CaptionTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** The tokens of references; those of the call before if the texts are the same. */
  @Override
  public Tokenized tokens(List<String> texts, Tokenization mode) {
    Known before = known.get(mode);
    if (before != null && before.texts().equals(texts)) {
      return before.tokens();
    }
    Tokenized tokens = Tokenized.of(texts, tokenizer, mode);
    known.put(mode, new Known(List.copyOf(texts), tokens));
    return tokens;
  }
}
