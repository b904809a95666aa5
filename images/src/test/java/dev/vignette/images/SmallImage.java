package dev.vignette.images;

import java.util.Base64;
import java.util.List;

/** A tiny image file with what Pillow makes of it; see small-images.tsv. */
record SmallImage(
    String name, byte[] file, String dropped, String overWhite, int uprightWidth, String upright) {

  static List<SmallImage> all() {
    return GoldenTable.rows("small-images.tsv").stream()
        .map(row ->
            new SmallImage(
                row[0],
                Base64.getDecoder().decode(row[1]),
                row[3],
                row[4],
                Integer.parseInt(row[5].substring(0, row[5].indexOf('x'))),
                row[6]))
        .toList();
  }

  static byte[] file(String name) {
    return all().stream()
        .filter(image -> image.name().equals(name))
        .findFirst()
        .orElseThrow()
        .file();
  }

  @Override
  public String toString() {
    return name;
  }
}
