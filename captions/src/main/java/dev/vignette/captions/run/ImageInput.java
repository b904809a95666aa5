package dev.vignette.captions.run;

import dev.vignette.files.ContentHash;
import dev.vignette.files.FileStem;
import dev.vignette.images.ImageReadOptions;
import dev.vignette.images.RgbImage;
import dev.vignette.images.UnreadableImageException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * One image to caption: a file, or a file within a shard.
 *
 * @param path where it is, as the user would write it; within a shard {@code a/0.tar:00012.jpg},
 *     which names it but is no file
 * @param key its name in the predictions, unique in a run
 * @param entry its place in a shard, empty for a file
 */
public record ImageInput(Path path, String key, Optional<ShardEntry> entry) {
  /** Checks that the key names something. */
  public ImageInput {
    if (key.isBlank()) {
      throw new IllegalArgumentException("The key of %s names it, but is blank".formatted(path));
    }
  }

  /** An image in a file. */
  public ImageInput(Path path, String key) {
    this(path, key, Optional.empty());
  }

  /** An image within a shard. */
  static ImageInput within(ShardEntry entry, String key) {
    return new ImageInput(entry.path(), key, Optional.of(entry));
  }

  /**
   * Reads and decodes it.
   *
   * @throws IOException if its shard cannot be read
   * @throws UnreadableImageException if there is no picture in it, or one beyond the limits
   */
  public RgbImage read(ImageReadOptions options) throws IOException {
    return entry.isPresent()
        ? RgbImage.read(entry.get().read(), path.toString(), options)
        : RgbImage.read(path, options);
  }

  /** The hash of its bytes. */
  String sha256() throws IOException {
    return entry.isPresent() ? ContentHash.of(entry.get().read()) : ContentHash.of(path);
  }

  /** Its size, and when its file or its shard changed. */
  FileStamp stamp(Instant now) throws IOException {
    FileStamp stamp = FileStamp.of(file(), now);
    return entry.isPresent() ? new FileStamp(entry.get().size(), stamp.modified()) : stamp;
  }

  /** The file that has its bytes: itself, or its shard. */
  Path file() {
    return entry.isPresent() ? entry.get().shard() : path;
  }

  /** The stem of its file's name. */
  String stem() {
    return entry.isPresent() ? FileStem.of(entry.get().name()) : FileStem.of(path);
  }

  /** Returns the absolute path, without {@code .} and {@code ..}. */
  String absolutePath() {
    return path.toAbsolutePath().normalize().toString();
  }
}
