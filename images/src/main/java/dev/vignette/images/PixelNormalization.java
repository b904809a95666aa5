package dev.vignette.images;

import java.util.Collections;
import java.util.List;

/**
 * How 8-bit samples become a model's numbers: {@code (sample * rescale - mean) / std}, in float as
 * torch has it.
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
