package dev.vignette.torch.clip;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.vignette.torch.TokenizerLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** CLIP's tokenizer from {@code tokenizer.json}. */
final class ClipTokenizer implements AutoCloseable {
  /**
   * A text's tokens, begin and end included.
   *
   * @param ids token ids
   * @param truncated whether tokens before the end were dropped to fit the model
   */
  record Tokens(long[] ids, boolean truncated) {}

  private static final int SHOWN = 60;
  private static final String END = "<|endoftext|>";

  private final Path file;
  private final HuggingFaceTokenizer tokenizer;
  private final TextShape shape;

  /**
   * @param shape of the text tower that reads the tokens
   * @throws IllegalArgumentException when there is no tokenizer in the folder, or none that works
   */
  ClipTokenizer(Path folder, TextShape shape) throws IOException {
    file = requireFile(folder);
    tokenizer =
        TokenizerLibrary.open(
            file, Map.of("padding", "DO_NOT_PAD", "truncation", "DO_NOT_TRUNCATE"));
    this.shape = shape;
    try {
      requireOfModel(ids("a"));
    } catch (RuntimeException failure) {
      tokenizer.close();
      throw failure;
    }
  }

  /** The text tower reads a text at its end token, so the tokenizer has to put it there. */
  private void requireOfModel(long[] ids) {
    long last = ids.length == 0 ? -1 : ids[ids.length - 1];
    if (ids.length < 3 || last != shape.endToken()) {
      throw new IllegalArgumentException(
          "%s is not the tokenizer of the model beside it: its texts are to stand between a token of their beginning and token %d, but it makes %s of \"a\". Take both files from one model."
              .formatted(file, shape.endToken(), Arrays.toString(ids)));
    }
  }

  /**
   * Returns the tokenizer's file in a folder.
   *
   * @throws IllegalArgumentException when there is none
   */
  static Path requireFile(Path folder) {
    Path file = folder.resolve("tokenizer.json");
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "%s has no tokenizer.json; copy it from the published model".formatted(folder));
    }
    return file;
  }

  /**
   * Tokens of a text; beyond the model's positions the end token takes the last one.
   *
   * @throws IllegalArgumentException when the tokenizer lacks tokens of the text, or has some that
   *     the model does not know
   */
  Tokens encode(String text) {
    long[] ids = ids(text);
    for (long id : ids) {
      if (id < 0 || id >= shape.vocabulary()) {
        throw new IllegalArgumentException(
            "%s has the token %d for the text \"%s\", but the model beside it knows %d tokens. Take both files from one model."
                .formatted(file, id, shown(text), shape.vocabulary()));
      }
    }
    int positions = shape.positions();
    if (ids.length <= positions) {
      return new Tokens(ids, false);
    }
    long[] kept = Arrays.copyOf(ids, positions);
    kept[positions - 1] = ids[ids.length - 1];
    return new Tokens(kept, true);
  }

  private long[] ids(String text) {
    String clean = ClipText.clean(text);
    long[] ids;
    try {
      ids = tokenizer.encode(clean).getIds();
    } catch (RuntimeException failure) {
      throw unsayable(text, failure.getMessage(), failure);
    }
    // Of an unknown character that stands for the end, the tower would read what is before it.
    long ends = Arrays.stream(ids).filter(id -> id == shape.endToken()).count();
    if (ends > 1 && !clean.toLowerCase(Locale.ROOT).contains(END)) {
      throw unsayable(text, "it makes the end token of a part of it", null);
    }
    return ids;
  }

  private IllegalArgumentException unsayable(
      String text, @Nullable String why, @Nullable RuntimeException failure) {
    return new IllegalArgumentException(
        "%s has no tokens for the text \"%s\" (%s). It is not whole: copy it from the published model, or change the text."
            .formatted(file, shown(text), why),
        failure);
  }

  private static String shown(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
