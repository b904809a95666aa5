package dev.vignette.captions.run;

import dev.vignette.files.FileStem;
import java.nio.file.Path;
import java.util.Locale;

/** What names an image in {@code predictions.json}. */
public enum KeyMode {
  /**
   * The file's name without folder and extension: {@code 000123} for {@code val/000123.jpg}; within
   * a shard the key of its sample, {@code val/000123} for {@code val/000123.seg.png}.
   */
  STEM,
  /**
   * The path with its extension, {@code /} between folders: relative to the folder that was given,
   * or as written where the file itself, a glob or a list was given. A shard counts as a folder.
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
   * The key of a picture in a shard whose path relative to what was given is {@code relative}: that
   * of its sample, or the path with the shard as a folder.
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
