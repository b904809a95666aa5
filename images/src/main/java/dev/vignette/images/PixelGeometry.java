package dev.vignette.images;

/**
 * Where the pixels of a model's square lie in the original image, and back. Coordinates are
 * continuous: pixel i reaches from i to i + 1, its centre is at i + 0.5, and the square from 0 to
 * {@code size}. Original x = model x * scaleX + offsetX, and the same for y.
 *
 * @param width of the original image in pixels
 * @param height of the original image in pixels
 * @param size side of the model's square in pixels
 * @param scaleX original pixels to one of the model's, across; above 0
 * @param scaleY the same, down
 * @param offsetX the original x of the square's left edge: above 0 if the image was cropped, below
 *     if it was padded
 * @param offsetY the original y of the square's upper edge
 */
public record PixelGeometry(
    int width, int height, int size, double scaleX, double scaleY, double offsetX, double offsetY) {

  /** A place, in pixels of the model or of the original. */
  public record Point(double x, double y) {}

  /** A rectangle between two corners; empty if it has no area. */
  public record Box(double left, double top, double right, double bottom) {
    /** Whether it has no area. */
    public boolean isEmpty() {
      return right <= left || bottom <= top;
    }

    /** The part of it that is in {@code other}; without area if there is none. */
    public Box intersection(Box other) {
      double x = Math.max(left, other.left);
      double y = Math.max(top, other.top);
      return new Box(
          x,
          y,
          Math.max(x, Math.min(right, other.right)),
          Math.max(y, Math.min(bottom, other.bottom)));
    }
  }

  /** Checks that there is something to map. */
  public PixelGeometry {
    if (width < 1 || height < 1 || size < 1 || !(scaleX > 0) || !(scaleY > 0)) {
      throw new IllegalArgumentException(
          "Sizes must be at least 1 and scales above 0, but are %d x %d to %d, scales %s and %s"
              .formatted(width, height, size, scaleX, scaleY));
    }
  }

  /**
   * The part of the square that begins with it, such as the patches of a tower that leave pixels
   * over.
   *
   * @param side of that part in the model's pixels, at most the size
   */
  public PixelGeometry upTo(int side) {
    if (side > size) {
      throw new IllegalArgumentException(
          "A square of %d pixels has no part of %d".formatted(size, side));
    }
    return new PixelGeometry(width, height, side, scaleX, scaleY, offsetX, offsetY);
  }

  /**
   * The place in the original image of {@code model} in the square; outside of the image for what
   * was padded.
   */
  public Point toOriginal(Point model) {
    return new Point(model.x() * scaleX + offsetX, model.y() * scaleY + offsetY);
  }

  /**
   * The place in the model's square of {@code original} in the image; outside of the square for
   * what was cropped.
   */
  public Point toModel(Point original) {
    return new Point((original.x() - offsetX) / scaleX, (original.y() - offsetY) / scaleY);
  }

  /** The rectangle of the original image that the model sees. */
  public Box seen() {
    return patch(0, 0, 1);
  }

  /**
   * The part of the original image that a cell of the model's patch grid sees; empty if the cell
   * sees only padding.
   *
   * @param row of the grid from the top, 0 to {@code grid - 1}
   * @param column of the grid from the left, 0 to {@code grid - 1}
   * @param grid rows and columns of the grid: size / patch size
   */
  public Box patch(int row, int column, int grid) {
    if (row < 0 || row >= grid || column < 0 || column >= grid) {
      throw new IllegalArgumentException(
          "A cell of a grid of %d x %d has a row and a column from 0 to %d, but got %d and %d"
              .formatted(grid, grid, grid - 1, row, column));
    }
    double side = (double) size / grid;
    Point from = toOriginal(new Point(column * side, row * side));
    Point to = toOriginal(new Point((column + 1) * side, (row + 1) * side));
    return new Box(from.x(), from.y(), to.x(), to.y()).intersection(new Box(0, 0, width, height));
  }
}
