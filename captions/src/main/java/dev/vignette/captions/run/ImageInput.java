package dev.vignette.captions.run;

import dev.vignette.captions.shards.ShardEntry;
import dev.vignette.files.ContentHash;
import dev.vignette.files.FileStem;
import dev.vignette.images.RgbImage;
import dev.vignette.images.RgbImage.ImageReadOptions;
import dev.vignette.images.UnreadableImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

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

  /** What names an image in {@code predictions.json}. */
  public enum KeyMode {
    /**
     * The file's name without folder and extension: {@code 000123} for {@code val/000123.jpg};
     * within a shard the key of its sample, {@code val/000123} for {@code val/000123.seg.png}.
     */
    STEM,
    /**
     * The path with its extension, {@code /} between folders: relative to the folder that was
     * given, or as written where the file itself, a glob or a list was given. A shard counts as a
     * folder.
     */
    PATH;

    /** The key of an image whose path relative to what was given is {@code relative}. */
    public String keyOf(Path relative) {
      return switch (this) {
        case STEM -> FileStem.of(relative);
        case PATH -> relative.toString().replace(relative.getFileSystem().getSeparator(), "/");
      };
    }

    /**
     * The key of a picture in a shard whose path relative to what was given is {@code relative}:
     * that of its sample, or the path with the shard as a folder.
     */
    String keyOf(Path relative, ShardEntry entry) {
      return switch (this) {
        case STEM -> entry.key();
        case PATH -> keyOf(relative) + "/" + entry.name();
      };
    }

    /** The name as the command line has it: {@code stem} or {@code path}. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The mode called {@code name}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static KeyMode parse(String name) {
      for (KeyMode mode : values()) {
        if (mode.toString().equals(name)) {
          return mode;
        }
      }
      throw new IllegalArgumentException(
          "keys are stem or path, but \"%s\" was given".formatted(name));
    }
  }

  /**
   * Size and time of the last change of a file, by which an unchanged file is known without reading
   * it. A file that changed less than two seconds before it was looked at could change again within
   * one tick of the file system's clock; its stamp says {@link #UNSETTLED} and equals none.
   *
   * @param size bytes
   * @param modified nanoseconds since 1970, or {@link #UNSETTLED}
   */
  record FileStamp(long size, long modified) {
    static final long UNSETTLED = 0;
    private static final Duration SETTLING = Duration.ofSeconds(2);

    /** The stamp of {@code file} looked at {@code now}. */
    static FileStamp of(Path file, Instant now) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      boolean settled = attributes.lastModifiedTime().toInstant().isBefore(now.minus(SETTLING));
      return new FileStamp(
          attributes.size(),
          settled ? attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS) : UNSETTLED);
    }

    /** Whether a file with this stamp now is the file that had {@code before}. */
    boolean provesSameAs(FileStamp before) {
      return modified != UNSETTLED && equals(before);
    }
  }
}
