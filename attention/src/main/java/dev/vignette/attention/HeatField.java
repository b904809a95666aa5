package dev.vignette.attention;

import dev.vignette.images.PixelGeometry;
import dev.vignette.images.PixelGeometry.Point;
import java.util.function.DoubleUnaryOperator;

/**
 * A map over the pixels of the image, or of the image in another size. Each pixel's centre is
 * sought in the original image, from there in the model's square, and from there in the grid, where
 * the value lies between the patches' centres: bicubic, Catmull-Rom (Keys, "Cubic Convolution
 * Interpolation for Digital Image Processing", 1981, a = -1/2), which keeps the value of a patch at
 * its centre. Beyond the outer centres the outer patches go on, and no value leaves the range of
 * the map.
 *
 * @param width pixels across
 * @param height pixels down
 * @param values (height · width)
 * @param seen (height · width) whether the model saw the pixel's centre
 */
@SuppressWarnings("ArrayRecordComponent") // bulk numbers of one owner
record HeatField(int width, int height, float[] values, boolean[] seen) {
  private static final int TAPS = 4;

  /** The map over the image in {@code width} x {@code height}. */
  static HeatField of(PatchMap map, PixelGeometry geometry, int width, int height) {
    Axis across =
        Axis.of(
            width,
            map.side(),
            geometry.size(),
            at -> geometry.toModel(new Point(at * geometry.width() / width, 0)).x());
    Axis down =
        Axis.of(
            height,
            map.side(),
            geometry.size(),
            at -> geometry.toModel(new Point(0, at * geometry.height() / height)).y());
    float[] rows = rows(map, across); // (side, width)
    float[] values = new float[width * height];
    boolean[] seen = new boolean[width * height];
    float least = map.min();
    float most = map.max();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        float value = 0;
        for (int tap = 0; tap < TAPS; tap++) {
          value += down.weight(y, tap) * rows[down.cell(y, tap) * width + x];
        }
        values[y * width + x] = Math.clamp(value, least, most);
        seen[y * width + x] = down.seen()[y] && across.seen()[x];
      }
    }
    return new HeatField(width, height, values, seen);
  }

  /** (side, side) to (side, width). */
  private static float[] rows(PatchMap map, Axis across) {
    int width = across.seen().length;
    float[] rows = new float[map.side() * width];
    for (int row = 0; row < map.side(); row++) {
      for (int x = 0; x < width; x++) {
        for (int tap = 0; tap < TAPS; tap++) {
          rows[row * width + x] += across.weight(x, tap) * map.at(row, across.cell(x, tap));
        }
      }
    }
    return rows;
  }

  /**
   * Along one side: for each pixel, which cells of the grid its value is made of.
   *
   * @param cells (pixels · 4)
   * @param weights (pixels · 4); four sum to 1
   * @param seen (pixels) whether its centre is in the model's square
   */
  @SuppressWarnings("ArrayRecordComponent") // as above
  private record Axis(int[] cells, float[] weights, boolean[] seen) {

    static Axis of(int pixels, int side, int size, DoubleUnaryOperator toModel) {
      Axis axis = new Axis(new int[TAPS * pixels], new float[TAPS * pixels], new boolean[pixels]);
      for (int pixel = 0; pixel < pixels; pixel++) {
        double model = toModel.applyAsDouble(pixel + 0.5);
        double place = model * side / size - 0.5; // centres of cells are whole numbers
        double before = Math.floor(place);
        for (int tap = 0; tap < TAPS; tap++) {
          axis.cells[TAPS * pixel + tap] = (int) Math.clamp(before - 1 + tap, 0.0, side - 1.0);
          axis.weights[TAPS * pixel + tap] = (float) catmullRom(place - (before - 1 + tap));
        }
        axis.seen[pixel] = model >= 0 && model <= size;
      }
      return axis;
    }

    int cell(int pixel, int tap) {
      return cells[TAPS * pixel + tap];
    }

    float weight(int pixel, int tap) {
      return weights[TAPS * pixel + tap];
    }

    private static double catmullRom(double distance) {
      double x = Math.abs(distance);
      return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    }
  }
}
