package dev.vignette.torch.clip;

import java.util.List;

/**
 * Embeddings of texts.
 *
 * @param vectors one a text, not normalised
 * @param truncated indices of the texts that did not fit the model's positions
 */
public record TextEmbeddings(List<float[]> vectors, List<Integer> truncated) {
  public TextEmbeddings {
    vectors = List.copyOf(vectors);
    truncated = List.copyOf(truncated);
  }
}
