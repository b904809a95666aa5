package dev.vignette.spark;

import dev.vignette.eval.ImageTextScorer.ClipRequest;
import dev.vignette.eval.clip.ClipScorer;
import dev.vignette.eval.clip.ImageEmbeddings;
import dev.vignette.images.PixelPreprocessor;
import dev.vignette.images.RgbImage;
import dev.vignette.images.RgbImage.ImageReadOptions;
import dev.vignette.torch.clip.ClipModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A CLIP that is open for all tasks of an executor: images are decoded on their threads, and
 * embedded by one of them at a time.
 */
final class OpenClip implements AutoCloseable {
  private final ClipModel clip;
  private final ClipRequest request;
  private final ImageReadOptions reading;
  private final PixelPreprocessor preprocessor;

  private OpenClip(ClipModel clip, ClipRequest request) {
    this.clip = clip;
    this.request = request;
    this.reading = request.reading();
    this.preprocessor = ImageEmbeddings.preprocessor(clip);
  }

  /** Loads a model. */
  static OpenClip open(ClipRequest request) {
    try {
      return new OpenClip(ClipModel.load(request.model()), request);
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "The CLIP '%s' cannot be read: %s".formatted(request.model(), failure), failure);
    }
  }

  /**
   * Decodes an image.
   *
   * @param name of the image in errors
   * @return what {@link #scores} takes: (3, side, side)
   * @throws dev.vignette.images.UnreadableImageException if there is no picture in it
   */
  float[] prepare(byte[] file, String name) {
    return preprocessor.pixelsChw(RgbImage.read(file, name, reading));
  }

  /** CLIPScores of images with their captions, in their order. */
  synchronized List<Double> scores(List<float[]> prepared, List<String> captions) {
    List<float[]> images = clip.imageEmbeddings(prepared);
    List<float[]> texts =
        clip.textEmbeddings(captions.stream().map(request.prefix()::concat).toList()).vectors();
    List<Double> scores = new ArrayList<>(images.size());
    for (int i = 0; i < images.size(); i++) {
      scores.add(ClipScorer.clipScore(images.get(i), texts.get(i)));
    }
    return scores;
  }

  @Override
  public synchronized void close() {
    clip.close();
  }
}
