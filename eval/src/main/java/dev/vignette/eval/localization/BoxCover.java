package dev.vignette.eval.localization;

import dev.vignette.attention.PatchMap;
import dev.vignette.images.PixelGeometry;
import dev.vignette.images.PixelGeometry.Box;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * How much of each patch lies in some boxes, of which overlapping parts count once.
 *
 * @param areas (patches) pixels of the original image that each patch sees; 0 if only padding
 * @param covered (patches) of them, those in a box
 * @param centred (patches) whether the middle of what it sees is in a box
 */
@SuppressWarnings("ArrayRecordComponent") // columns of numbers, used here only
record BoxCover(double[] areas, double[] covered, boolean[] centred) {

  static BoxCover of(PixelGeometry geometry, int side, List<Box> boxes) {
    double[] areas = new double[side * side];
    double[] covered = new double[side * side];
    boolean[] centred = new boolean[side * side];
    for (int i = 0; i < areas.length; i++) {
      Box patch = geometry.patch(i / side, i % side, side);
      if (!patch.isEmpty()) {
        areas[i] = area(patch);
        List<Box> parts = boxes.stream().map(patch::intersection).toList();
        covered[i] = union(parts.stream().filter(part -> !part.isEmpty()).toList());
        double x = (patch.left() + patch.right()) / 2;
        double y = (patch.top() + patch.bottom()) / 2;
        centred[i] = boxes.stream().anyMatch(box -> holds(box, x, y));
      }
    }
    return new BoxCover(areas, covered, centred);
  }

  private static double area(Box box) {
    return (box.right() - box.left()) * (box.bottom() - box.top());
  }

  private static boolean holds(Box box, double x, double y) {
    return x >= box.left() && x < box.right() && y >= box.top() && y < box.bottom();
  }

  /** The area of the union, cell by cell of the grid that all edges make. */
  private static double union(List<Box> boxes) {
    double[] xs = edges(boxes.stream().flatMapToDouble(b -> DoubleStream.of(b.left(), b.right())));
    double[] ys = edges(boxes.stream().flatMapToDouble(b -> DoubleStream.of(b.top(), b.bottom())));
    double sum = 0;
    for (int i = 0; i + 1 < xs.length; i++) {
      for (int j = 0; j + 1 < ys.length; j++) {
        double x = (xs[i] + xs[i + 1]) / 2;
        double y = (ys[j] + ys[j + 1]) / 2;
        if (boxes.stream().anyMatch(box -> holds(box, x, y))) {
          sum += (xs[i + 1] - xs[i]) * (ys[j + 1] - ys[j]);
        }
      }
    }
    return sum;
  }

  private static double[] edges(DoubleStream edges) {
    return edges.sorted().distinct().toArray();
  }

  /** Share of what the model sees that lies in a box, 0 to 1. */
  double share() {
    return DoubleStream.of(covered).sum() / DoubleStream.of(areas).sum();
  }

  /**
   * Pointing game (Zhang et al. 2018, "Top-down Neural Attention by Excitation Backprop"): whether
   * the middle of the brightest patch is in a box; of several equally bright, the share that is.
   */
  double pointing(PatchMap map) {
    float max = Float.NEGATIVE_INFINITY;
    int brightest = 0;
    int hits = 0;
    for (int i = 0; i < areas.length; i++) {
      if (areas[i] > 0 && map.values()[i] >= max) {
        if (map.values()[i] > max) {
          max = map.values()[i];
          brightest = 0;
          hits = 0;
        }
        brightest++;
        hits += centred[i] ? 1 : 0;
      }
    }
    return (double) hits / brightest;
  }

  /**
   * Share of the map's mass that lies in a box, over the share of the area that does: 1 for a map
   * that is the same everywhere.
   */
  double massOverArea(PatchMap map) {
    double inside = 0;
    double all = 0;
    for (int i = 0; i < areas.length; i++) {
      if (areas[i] > 0) {
        inside += map.values()[i] * covered[i] / areas[i];
        all += map.values()[i];
      }
    }
    return all > 0 ? inside / all / share() : 1;
  }
}
