package dev.vignette.captions.run;

import dev.vignette.files.FileStem;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the text file of each image says, {@code prefix + caption + suffix}, without a line end, and
 * where it is.
 *
 * @param prefix before the caption, empty for nothing
 * @param suffix after the caption, empty for nothing
 * @param extension of the file, with its dot
 * @param folder where the files are, by the key of their image; empty for beside each image
 */
public record SidecarText(String prefix, String suffix, String extension, Optional<Path> folder) {
  /** The extension where none is wished. */
  public static final String TXT = ".txt";

  /** Checks that the extension is one. */
  public SidecarText {
    if (extension.length() < 2 || extension.charAt(0) != '.' || extension.indexOf('/') >= 0) {
      throw new UsageException(
          "The extension of sidecars is a dot and letters, such as .caption, but \"%s\" was given."
              .formatted(extension));
    }
  }

  /** A {@code .txt} beside each image. */
  public SidecarText(String prefix, String suffix) {
    this(prefix, suffix, TXT, Optional.empty());
  }

  String of(String caption) {
    return prefix + caption + suffix;
  }

  /**
   * The text file of {@code image}: {@code a/b.txt} for {@code a/b.jpg}, or {@code folder/b.txt} by
   * its key {@code b}.
   */
  Path fileOf(ImageInput image) {
    if (folder.isEmpty()) {
      return image.path().resolveSibling(FileStem.of(image.path()) + extension);
    }
    // A key that is a path may begin with a slash or lead upwards: only its names count.
    Path within = Path.of("/", image.key()).normalize();
    String stem = FileStem.ofImage(String.valueOf(within.getFileName()));
    return folder.get().resolve(Path.of("/").relativize(within)).resolveSibling(stem + extension);
  }
}
