package dev.vignette.captioner;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.vignette.decoding.InvalidLogitsException;
import dev.vignette.images.PixelPreprocessor;
import dev.vignette.images.PixelPreprocessor.PixelNormalization;
import dev.vignette.images.RgbImage;
import dev.vignette.torch.AttentionTap;
import dev.vignette.torch.Precision;
import dev.vignette.torch.ReusableBuffer;
import dev.vignette.torch.TimmVit;
import dev.vignette.torch.VisionTransformer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;

/** The frozen encoder with its pixels: images to rows (B, P, W). */
public final class ImageEncoder implements AutoCloseable {
  private final TimmVit description;
  private final VisionTransformer transformer;
  private final PixelPreprocessor preprocessor;
  private final ReusableBuffer inputs = new ReusableBuffer();

  /**
   * Loads the encoder's weights.
   *
   * @param precision of its linear maps and attention; the rows are float32
   */
  public ImageEncoder(TimmVit description, Precision precision) throws IOException {
    this.description = description;
    this.preprocessor = preprocessor(description);
    this.transformer = description.load(precision);
  }

  /** How this encoder's images are made square and normalised. */
  public static PixelPreprocessor preprocessor(TimmVit description) {
    PixelNormalization normalization =
        new PixelNormalization(
            PixelNormalization.CLIP.rescale(),
            description.mean().stream().map(Float::doubleValue).toList(),
            description.std().stream().map(Float::doubleValue).toList());
    return new PixelPreprocessor(
        PixelPreprocessor.Framing.CROP, description.shape().side(), normalization);
  }

  /** What the encoder is. */
  public TimmVit description() {
    return description;
  }

  /** Normalised pixels of an image, (3, side, side); may be called from many threads. */
  public float[] pixels(RgbImage image) {
    return preprocessor.pixelsChw(image);
  }

  /**
   * Encodes images.
   *
   * @param results owner of the result
   * @param pixels of each image, from {@link #pixels}
   * @return all tokens after the final norm, (B, P, W)
   * @throws InvalidLogitsException if they are not all numbers: the decoder would be blamed later
   */
  public NDArray encode(NDManager results, List<float[]> pixels, AttentionTap tap) {
    int side = description.shape().side();
    Shape shape = new Shape(pixels.size(), 3, side, side);
    ByteBuffer bytes = inputs.ofBytes(Math.toIntExact(shape.size() * Float.BYTES));
    FloatBuffer floats = bytes.asFloatBuffer();
    pixels.forEach(floats::put);
    try (NDArray input = results.create(bytes, shape, DataType.FLOAT32)) {
      return finite(transformer.features(results, input, tap));
    }
  }

  private NDArray finite(NDArray features) {
    try (NDArray sum = features.sum()) {
      if (!Float.isFinite(sum.getFloat())) {
        features.close();
        throw InvalidLogitsException.ofFeatures(
            "the encoder '%s'".formatted(description.weightFile()));
      }
    }
    return features;
  }

  @Override
  public void close() {
    transformer.close();
  }
}
