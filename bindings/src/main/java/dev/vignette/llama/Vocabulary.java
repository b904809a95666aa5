package dev.vignette.llama;

import dev.vignette.llama.internal.NativeHandle;
import dev.vignette.llama.internal.ffi.LlamaCpp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;

/**
 * A model's tokens: text to ids and back. Ids are checked here: llama.cpp ends the process on one
 * that does not exist.
 *
 * <p>Thread-safe; usable while its model is open, an {@link IllegalStateException} afterwards: a
 * call in flight while another thread closes the model ends first.
 */
public final class Vocabulary {

  /** Longer texts than this are refused; llama.cpp counts bytes and tokens in 32 bits. */
  private static final int MAX_TEXT_BYTES = 1 << 28;

  private final NativeHandle model;
  private final MemorySegment vocab;

  Vocabulary(NativeHandle model) {
    this.model = model;
    this.vocab = model.bind(LlamaCpp.llama_model_get_vocab(model.pointer()));
  }

  private MemorySegment vocab() {
    model.pointer();
    return vocab;
  }

  /** The number of tokens; ids are 0 to size - 1. */
  public int size() {
    return LlamaCpp.llama_vocab_n_tokens(vocab());
  }

  /** The token that begins a text, or -1 if the model has none. */
  public int beginOfSentence() {
    return LlamaCpp.llama_vocab_bos(vocab());
  }

  /** The token that ends a text, or -1 if the model has none. */
  public int endOfSentence() {
    return LlamaCpp.llama_vocab_eos(vocab());
  }

  /** Whether generation ends with this token. */
  public boolean isEndOfGeneration(int token) {
    return LlamaCpp.llama_vocab_is_eog(vocab(), checked(token));
  }

  /**
   * The tokens with which generation ends: the end of a text, and of a turn where there are turns.
   */
  public int[] endsOfGeneration() {
    return IntStream.range(0, size()).filter(this::isEndOfGeneration).toArray();
  }

  /** Whether the token is a mark rather than text. */
  public boolean isControl(int token) {
    return LlamaCpp.llama_vocab_is_control(vocab(), checked(token));
  }

  /** The token as the vocabulary spells it, such as {@code ▁truck} or {@code <0x0A>}. */
  public String spelling(int token) {
    return NativeHandle.text(model.bind(LlamaCpp.llama_vocab_get_text(vocab(), checked(token))));
  }

  /**
   * Text to token ids.
   *
   * @param addSpecial whether the begin-of-sentence token goes first, where the model wants one
   * @param parseSpecial whether marks such as {@code </s>} in the text become their tokens or stay
   *     text
   */
  public int[] tokenize(String text, boolean addSpecial, boolean parseSpecial) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length > MAX_TEXT_BYTES) {
      throw new IllegalArgumentException(
          "a text to tokenize has at most %d bytes, not %d".formatted(MAX_TEXT_BYTES, utf8.length));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(1, utf8.length));
      MemorySegment.copy(utf8, 0, bytes, ValueLayout.JAVA_BYTE, 0, utf8.length);
      int capacity = utf8.length + 8;
      MemorySegment ids = arena.allocate(ValueLayout.JAVA_INT, capacity);
      long began = System.nanoTime();
      int count =
          LlamaCpp.llama_tokenize(
              vocab(), bytes, utf8.length, ids, capacity, addSpecial, parseSpecial);
      LlamaRuntime.addNative(began);
      if (count < 0) {
        throw new LlamaException(
            "llama.cpp wants %d tokens for a text of %d bytes"
                .formatted(-(long) count, utf8.length));
      }
      return ids.asSlice(0, 4L * count).toArray(ValueLayout.JAVA_INT);
    }
  }

  /** The bytes a token stands for: part of a UTF-8 text, not always a whole character. */
  public byte[] piece(int token) {
    checked(token);
    try (Arena arena = Arena.ofConfined()) {
      int capacity = 256;
      MemorySegment bytes = arena.allocate(capacity);
      int length = LlamaCpp.llama_token_to_piece(vocab(), token, bytes, capacity, 0, false);
      if (length < 0) {
        capacity = -length;
        bytes = arena.allocate(capacity);
        length = LlamaCpp.llama_token_to_piece(vocab(), token, bytes, capacity, 0, false);
      }
      return bytes.asSlice(0, Math.max(0, length)).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /**
   * Token ids to text, control tokens left out, without the space that a text's first word carries.
   */
  public String detokenize(int... tokens) {
    if (tokens.length == 0) {
      return "";
    }
    for (int token : tokens) {
      checked(token);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ids = arena.allocateFrom(ValueLayout.JAVA_INT, tokens);
      int capacity = 16 * tokens.length + 64;
      MemorySegment bytes = arena.allocate(capacity);
      int length =
          LlamaCpp.llama_detokenize(vocab(), ids, tokens.length, bytes, capacity, true, false);
      if (length < 0) {
        capacity = -length;
        bytes = arena.allocate(capacity);
        length =
            LlamaCpp.llama_detokenize(vocab(), ids, tokens.length, bytes, capacity, true, false);
      }
      byte[] utf8 = bytes.asSlice(0, Math.max(0, length)).toArray(ValueLayout.JAVA_BYTE);
      return new String(utf8, StandardCharsets.UTF_8);
    }
  }

  private int checked(int token) {
    int size = size();
    if (token < 0 || token >= size) {
      throw new IllegalArgumentException(
          "a token id is 0 to %d in this vocabulary, not %d".formatted(size - 1, token));
    }
    return token;
  }
}
