package dev.vignette.captions.run;

import dev.vignette.files.FileStem;
import java.nio.file.Path;

/**
 * What the text file beside each image says: {@code prefix + caption + suffix}, without a line end.
 *
 * @param prefix before the caption, empty for nothing
 * @param suffix after the caption, empty for nothing
 */
public record SidecarText(String prefix, String suffix) {
  String of(String caption) {
    return prefix + caption + suffix;
  }

  /** The text file beside {@code image}: {@code a/b.txt} for {@code a/b.jpg}. */
  static Path fileOf(Path image) {
    return image.resolveSibling(FileStem.of(image) + ".txt");
  }
}
