package dev.vignette.images;

import java.util.Collections;
import java.util.List;

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

  /**
   * How 8-bit samples become a model's numbers: {@code (sample * rescale - mean) / std}, in float
   * as torch has it.
   *
   * @param rescale the factor for samples, as a rule 1/255
   * @param mean of red, green and blue, after rescaling
   * @param std of red, green and blue, after rescaling; above 0
   */
  public record PixelNormalization(double rescale, List<Double> mean, List<Double> std) {
    /** OpenAI's constants for CLIP, which LLaVA-1.5 has too. */
    public static final PixelNormalization CLIP =
        new PixelNormalization(
            1 / 255.0,
            List.of(0.48145466, 0.4578275, 0.40821073),
            List.of(0.26862954, 0.26130258, 0.27577711));

    /** Checks that there are three numbers each. */
    public PixelNormalization {
      mean = List.copyOf(mean);
      std = List.copyOf(std);
      if (mean.size() != 3 || std.size() != 3) {
        throw new IllegalArgumentException(
            "Normalization has a mean and a std for red, green and blue, but got %s and %s"
                .formatted(mean, std));
      }
      if (!(rescale > 0) || !(Collections.min(std) > 0)) {
        throw new IllegalArgumentException(
            "rescale and std must be above 0, but are %s and %s".formatted(rescale, std));
      }
    }

    /** The numbers for {@code image}, channel by channel: (3, height, width). */
    public float[] pixelsChw(RgbImage image) {
      byte[] rgb = image.rgb();
      int plane = rgb.length / 3;
      float[] pixels = new float[rgb.length];
      for (int channel = 0; channel < 3; channel++) {
        float[] values = valuesOf(channel);
        for (int in = channel, out = channel * plane; in < rgb.length; in += 3, out++) {
          pixels[out] = values[rgb[in] & 0xFF];
        }
      }
      return pixels;
    }

    /** The number for each sample of {@code channel}: (256). */
    private float[] valuesOf(int channel) {
      float[] values = new float[256];
      for (int sample = 0; sample < values.length; sample++) {
        float scaled = (float) (sample * rescale);
        values[sample] = (scaled - mean.get(channel).floatValue()) / std.get(channel).floatValue();
      }
      return values;
    }

    /**
     * The colour that becomes nearest to zero from below, as LLaVA computes it: {@code int(mean *
     * 255)} each.
     */
    int[] meanColor() {
      int[] color = new int[3];
      for (int i = 0; i < color.length; i++) {
        color[i] = Math.clamp((int) (mean.get(i) * 255), 0, 255);
      }
      return color;
    }
  }

  /**
   * How the pixels between pixels are made, as Pillow does it (Pillow 12.3,
   * src/libImaging/Resample.c).
   */
  public enum Resampling {
    /** A triangle over the two neighbours. */
    BILINEAR(1.0) {
      @Override
      double weight(double distance) {
        double x = Math.abs(distance);
        return x < 1 ? 1 - x : 0;
      }
    },
    /** A cubic over four neighbours, a = -0.5. */
    BICUBIC(2.0) {
      @Override
      double weight(double distance) {
        double a = -0.5;
        double x = Math.abs(distance);
        if (x < 1) {
          return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
        }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
      }
    },
    /** A windowed sinc over six neighbours. */
    LANCZOS(3.0) {
      @Override
      double weight(double distance) {
        return -3 <= distance && distance < 3 ? sinc(distance) * sinc(distance / 3) : 0;
      }
    };

    private final double support;

    Resampling(double support) {
      this.support = support;
    }

    private static double sinc(double x) {
      return x == 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
    }

    /** How far from a pixel others count, in pixels of the coarser of both images. */
    double support() {
      return support;
    }

    /** The weight of a pixel at a distance, before all are brought to a sum of 1. */
    abstract double weight(double distance);
  }
}
