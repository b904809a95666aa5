package dev.vignette.weights.gguf;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a projector's file (mmproj), which holds the vision tower and the projector, says of them.
 *
 * @param projectorType llama.cpp's name of the kind of projector, {@code mlp} for LLaVA-1.5
 * @param name the model's own name, or the file's
 * @param imageSize width and height of the image it sees, pixels
 * @param patchSize width and height of a patch, pixels
 * @param mean what is subtracted from red, green and blue in 0..1
 * @param std what red, green and blue are then divided by
 * @param featureLayers the tower's layers whose output is projected; empty in older files, which do
 *     not name them
 * @param hasClassEmbedding whether an embedding of no patch stands before the patches': CLIP's
 *     tower has one, SigLIP's none
 * @param resampling how pictures are resized for it, such as {@code lanczos}, where the file says
 *     so: a key of Vignette's own
 * @param towerWidth width of the tower's embeddings
 * @param blockCount transformer blocks of the tower that are in the file
 * @param embeddingLength width of the embeddings it makes, which is the language model's
 * @param quantization such as {@code F16}
 * @param fileBytes size of the file
 */
public record ProjectorInfo(
    Path file,
    String projectorType,
    String name,
    int imageSize,
    int patchSize,
    List<Float> mean,
    List<Float> std,
    List<Integer> featureLayers,
    boolean hasClassEmbedding,
    Optional<String> resampling,
    int towerWidth,
    int blockCount,
    int embeddingLength,
    String quantization,
    long fileBytes) {

  /** The key for {@link #resampling}. */
  public static final String RESAMPLING_KEY = "vignette.image.resampling";

  public ProjectorInfo {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    featureLayers = List.copyOf(featureLayers);
  }

  /** Whether the file names the layers whose output is projected; llama.cpp guesses otherwise. */
  public boolean namesFeatureLayers() {
    return !featureLayers.isEmpty();
  }

  /** Patches of a side; what is left of the image right and below is not seen. */
  public int patchesOfSide() {
    return imageSize / patchSize;
  }

  /** Embeddings it makes of one image: one for each patch. */
  public int imageTokens() {
    return patchesOfSide() * patchesOfSide();
  }

  /**
   * Refuses a language model that this projector was not made for, as far as widths tell.
   *
   * @throws InvalidModelFileException naming both widths
   */
  public void requireFits(LanguageModelInfo model) {
    if (embeddingLength != model.embeddingLength()) {
      throw new InvalidModelFileException(
          file,
          "makes embeddings of width %s, but the language model %s takes width %s"
              .formatted(
                  Wording.number(embeddingLength),
                  model.file(),
                  Wording.number(model.embeddingLength())),
          "Give the projector and the language model of one LLaVA (7B: width 4,096, 13B: 5,120)");
    }
  }
}
