package dev.vignette.attention;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.attention.AttentionTrace.PatchGrid;
import dev.vignette.images.PixelGeometry;
import dev.vignette.images.PixelPreprocessor;
import dev.vignette.images.PixelPreprocessor.Framing;
import dev.vignette.images.RgbImage;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A caption whose attention is made up: each token looks at a patch of its own, and at a sink. */
final class SyntheticAttention {
  static final int SIDE = 8;
  static final int FIRST_KEY = 3;
  static final List<String> PIECES =
      List.of("A", " gir", "affe", " in", " the", " bright", " snow", " </script><b>", ".");
  static final AttentionSource SOURCE =
      AttentionSource.of("0001.jpg", "Made <up>", Map.of("instruction", "Say \"what\" is there."));

  private SyntheticAttention() {}

  /** Two layers and three heads of an image of that size, cropped. */
  static AttendedCaption caption(int width, int height) {
    return caption(
        List.of(4, 5),
        List.of(0, 1, 2),
        PixelPreprocessor.clip(Framing.CROP, 112).geometry(width, height));
  }

  static AttendedCaption caption(
      List<Integer> layers, List<Integer> heads, PixelGeometry geometry) {
    AttentionTrace trace =
        new AttentionTrace(
            PIECES, layers, heads, new PatchGrid(FIRST_KEY, SIDE), rows(layers, heads));
    return new AttendedCaption(String.join("", PIECES), trace, geometry);
  }

  /** The patch that a token looks at more than any other does. */
  static int patch(int token) {
    return 9 + 5 * token;
  }

  /** (tokens, layers · heads, keys). */
  private static float[][][] rows(List<Integer> layers, List<Integer> heads) {
    Random random = new Random(1);
    float[][][] rows = new float[PIECES.size()][layers.size() * Math.max(1, heads.size())][];
    for (int token = 0; token < rows.length; token++) {
      for (int row = 0; row < rows[token].length; row++) {
        float[] keys = new float[FIRST_KEY + SIDE * SIDE + 2 + token];
        for (int key = 0; key < keys.length; key++) {
          keys[key] = 0.5f + random.nextFloat();
        }
        keys[FIRST_KEY + 63] = 60;
        keys[FIRST_KEY + patch(token)] = 12;
        rows[token][row] = normalized(keys);
      }
    }
    return rows;
  }

  private static float[] normalized(float[] keys) {
    double sum = 0;
    for (float key : keys) {
      sum += key;
    }
    for (int key = 0; key < keys.length; key++) {
      keys[key] /= (float) sum;
    }
    return keys;
  }

  /** A picture in which every pixel differs from its neighbours. */
  static RgbImage image(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    for (int pixel = 0; pixel < width * height; pixel++) {
      rgb[3 * pixel] = (byte) (pixel % width * 255 / width);
      rgb[3 * pixel + 1] = (byte) (pixel / width * 255 / height);
      rgb[3 * pixel + 2] = (byte) (pixel % 2 * 90 + 80);
    }
    return new RgbImage(width, height, rgb);
  }
}
