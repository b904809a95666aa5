package dev.vignette.torch.clip;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.vignette.torch.TokenizerLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** CLIP's tokenizer from {@code tokenizer.json}. */
final class ClipTokenizer implements AutoCloseable {
  /**
   * A text's tokens, begin and end included.
   *
   * @param ids token ids
   * @param truncated whether tokens before the end were dropped to fit the model
   */
  record Tokens(long[] ids, boolean truncated) {}

  private final HuggingFaceTokenizer tokenizer;
  private final int positions;

  ClipTokenizer(Path folder, int positions) throws IOException {
    Path file = folder.resolve("tokenizer.json");
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "%s has no tokenizer.json; copy it from the published model".formatted(folder));
    }
    TokenizerLibrary.mendCache();
    tokenizer =
        HuggingFaceTokenizer.newInstance(
            file, Map.of("padding", "DO_NOT_PAD", "truncation", "DO_NOT_TRUNCATE"));
    this.positions = positions;
  }

  /** Tokens of a text; beyond the model's positions the end token takes the last one. */
  Tokens encode(String text) {
    long[] ids = tokenizer.encode(ClipText.clean(text)).getIds();
    if (ids.length <= positions) {
      return new Tokens(ids, false);
    }
    long[] kept = Arrays.copyOf(ids, positions);
    kept[positions - 1] = ids[ids.length - 1];
    return new Tokens(kept, true);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
