package dev.vignette.attention;

import dev.vignette.images.PixelGeometry;
import dev.vignette.images.RgbImage;
import java.util.Optional;

/** A captioner that tells what its words looked at. Used on one thread. */
public interface AttendingCaptioner extends AutoCloseable {

  /**
   * Captions an image.
   *
   * @param caption to be read instead of a generated one, if given
   * @throws IllegalArgumentException if the selection names a layer or head that the model lacks
   */
  AttendedCaption attend(RgbImage image, Optional<String> caption, AttentionSelection selection);

  /** Layers of the part that generates. */
  int layers();

  /** Attention heads of a layer. */
  int heads();

  /** What captions, in a few words. */
  String name();

  /** What to look at when nobody says. */
  AttentionDefault defaultAttention();

  @Override
  void close();

  /**
   * What is looked at when nobody says: for models that were measured ({@code vignette attend
   * evaluate}, docs/benchmarks.md), the layer and head whose words point best at what they name.
   *
   * @param selection layers and heads
   * @param view how their maps are looked at
   */
  public record AttentionDefault(AttentionSelection selection, MapView view) {
    /** For models that were not measured: the mean of all, over the mean of the words. */
    public static final AttentionDefault UNMEASURED =
        new AttentionDefault(AttentionSelection.MEAN, MapView.RELATIVE);

    /** One head of one layer, as it is. */
    public static AttentionDefault head(int layer, int head) {
      return new AttentionDefault(
          AttentionSelection.parse(Integer.toString(layer), Integer.toString(head)), MapView.RAW);
    }
  }

  /**
   * A caption of an image with what its tokens looked at.
   *
   * @param caption the text
   * @param trace its attention
   * @param geometry where the patches lie in the image
   */
  record AttendedCaption(String caption, AttentionTrace trace, PixelGeometry geometry) {}
}
