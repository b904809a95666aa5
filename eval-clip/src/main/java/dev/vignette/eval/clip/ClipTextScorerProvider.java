package dev.vignette.eval.clip;

import dev.vignette.eval.ImageTextScorer;
import dev.vignette.eval.ImageTextScorer.ClipRequest;
import dev.vignette.eval.ImageTextScorerProvider;
import dev.vignette.files.ContentHash;
import dev.vignette.torch.TimmVit;
import dev.vignette.torch.Torch;
import dev.vignette.torch.clip.ClipModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * Scores with a Hugging Face CLIP in PyTorch. Image embeddings are remembered below {@code
 * $XDG_CACHE_HOME/vignette/clip}, or {@code ~/.cache/vignette/clip}.
 */
public final class ClipTextScorerProvider implements ImageTextScorerProvider {
  @Override
  public ImageTextScorer open(ClipRequest request) {
    return open(request, cacheFolder());
  }

  @Override
  public void check(ClipRequest request) {
    try {
      ClipModel.check(request.model());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Opens a scorer that remembers image embeddings in a folder of the caller's, or says in its
   * notes that it cannot.
   *
   * @throws UncheckedIOException if a file of the model cannot be read
   */
  public static ImageTextScorer open(ClipRequest request, Path cacheFolder) {
    try {
      ClipModel clip = ClipModel.load(request.model());
      String key = ImageEmbeddings.cacheKey(clip, request.reading());
      ImageEmbeddings images = embeddings(clip, cacheFolder, key, request);
      return new ClipTextScorer(
          clip, images, request, modelHash(request.model()).substring(0, 32), Torch.version());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What tells a CLIP's scores from others': a hash of its weights, its configuration and its
   * tokenizer.
   *
   * @param folder of the model
   * @throws IOException if one of these cannot be read
   */
  public static String modelHash(Path folder) throws IOException {
    StringJoiner hashes = new StringJoiner(" ");
    hashes.add(ContentHash.sampled(TimmVit.weightFile(folder)));
    for (String file : List.of("config.json", "tokenizer.json")) {
      hashes.add(ContentHash.of(folder.resolve(file)));
    }
    return ContentHash.ofText(hashes.toString());
  }

  private static ImageEmbeddings embeddings(
      ClipModel clip, Path cacheFolder, String key, ClipRequest request) {
    try {
      EmbeddingCache cache = EmbeddingCache.open(cacheFolder, key, clip.embeddingWidth());
      return new ImageEmbeddings(clip, Optional.of(cache), request.reading());
    } catch (IOException failure) {
      String trouble =
          "The embeddings of images are not kept, since %s cannot be used (%s): the next evaluation computes them again. XDG_CACHE_HOME names another folder."
              .formatted(cacheFolder, failure);
      return new ImageEmbeddings(clip, Optional.empty(), request.reading(), trouble);
    }
  }

  private static Path cacheFolder() {
    String configured = System.getenv("XDG_CACHE_HOME");
    Path root =
        configured == null || configured.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(configured);
    return root.resolve("vignette").resolve("clip");
  }
}
