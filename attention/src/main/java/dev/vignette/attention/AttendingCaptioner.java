package dev.vignette.attention;

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
}
