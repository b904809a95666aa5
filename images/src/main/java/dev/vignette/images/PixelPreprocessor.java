package dev.vignette.images;

/**
 * Makes of any image the square that a vision model sees, exactly as the Python reference does:
 * every 8-bit sample and every float is the same. Immutable; may be used from many threads.
 *
 * @param framing how an image that is no square becomes one
 * @param size side of the square in pixels, at least 1
 * @param normalization how samples become numbers
 * @param resampling how the pixels between pixels are made
 */
public record PixelPreprocessor(
    Framing framing, int size, PixelNormalization normalization, Resampling resampling) {

  /** How an image becomes a square. */
  public enum Framing {
    /**
     * Hugging Face's {@code CLIPImageProcessor} (transformers 5.17) with Pillow: the shorter side
     * is resized to the size, the longer one to {@code int(size * longer / shorter)}; of it the
     * middle is kept, from {@code (longer - size) // 2} on. What LLaVA sees in transformers.
     */
    CROP,
    /**
     * OpenAI's CLIP and torchvision's {@code CenterCrop} on Pillow images, which begin at {@code
     * round((longer - size) / 2.0)}, halves to even: one pixel further than {@link #CROP} for some
     * sizes. What CLIPScore is computed from.
     */
    CROP_OPENAI,
    /**
     * LLaVA's {@code expand2square} (haotian-liu/LLaVA 1.2, llava/mm_utils.py): the image is put in
     * the middle of a square of its longer side in the mean colour, (122, 116, 104) for CLIP, which
     * is then resized.
     */
    PAD,
    /**
     * Hugging Face's {@code SiglipImageProcessor} (transformers 5.18) with Pillow: the image is
     * squeezed or stretched into the square, whatever its shape. What JoyCaption sees.
     */
    STRETCH
  }

  private static final int[] NO_BACKGROUND = {0, 0, 0};

  /** Checks the size. */
  public PixelPreprocessor {
    if (size < 1) {
      throw new IllegalArgumentException(
          "The size of a model's image is at least 1 pixel, but is " + size);
    }
  }

  /** Resized bicubically, as CLIP's and LLaVA's processors do. */
  public PixelPreprocessor(Framing framing, int size, PixelNormalization normalization) {
    this(framing, size, normalization, Resampling.BICUBIC);
  }

  /** {@code framing} to {@code size} with CLIP's constants. */
  public static PixelPreprocessor clip(Framing framing, int size) {
    return new PixelPreprocessor(framing, size, PixelNormalization.CLIP);
  }

  /** The square that the model sees, in 8 bits: size x size. */
  public RgbImage frame(RgbImage image) {
    return PillowResampler.resize(
        image,
        layout(image.width(), image.height()),
        resampling,
        framing == Framing.PAD ? normalization.meanColor() : NO_BACKGROUND);
  }

  /** The numbers that the model sees: (3, size, size). */
  public float[] pixelsChw(RgbImage image) {
    return normalization.pixelsChw(frame(image));
  }

  /** Where the model's pixels lie in an image of {@code width} x {@code height}. */
  public PixelGeometry geometry(int width, int height) {
    PillowResampler.Layout layout = layout(width, height);
    double scaleX = (double) layout.width() / layout.outWidth();
    double scaleY = (double) layout.height() / layout.outHeight();
    return new PixelGeometry(
        width,
        height,
        size,
        scaleX,
        scaleY,
        layout.cropLeft() * scaleX - layout.left(),
        layout.cropTop() * scaleY - layout.top());
  }

  private PillowResampler.Layout layout(int width, int height) {
    return switch (framing) {
      case CROP, CROP_OPENAI -> cropLayout(width, height);
      case PAD -> padLayout(width, height);
      case STRETCH -> new PillowResampler.Layout(width, height, 0, 0, size, size, 0, 0, size, size);
    };
  }

  private int cropStart(int length) {
    int excess = length - size;
    return framing == Framing.CROP ? excess / 2 : (int) Math.rint(excess / 2.0);
  }

  private PillowResampler.Layout cropLayout(int width, int height) {
    boolean tall = width <= height;
    int longer = (int) ((double) ((long) size * Math.max(width, height)) / Math.min(width, height));
    int outWidth = tall ? size : longer;
    int outHeight = tall ? longer : size;
    return new PillowResampler.Layout(
        width,
        height,
        0,
        0,
        outWidth,
        outHeight,
        cropStart(outWidth),
        cropStart(outHeight),
        size,
        size);
  }

  private PillowResampler.Layout padLayout(int width, int height) {
    int side = Math.max(width, height);
    return new PillowResampler.Layout(
        side, side, (side - width) / 2, (side - height) / 2, size, size, 0, 0, size, size);
  }
}
