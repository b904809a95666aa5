package dev.vignette.llava;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a model's files looked like when it was opened. llama.cpp maps them: whoever writes over one
 * changes the model while it captions.
 */
record ModelStamp(List<Path> files, List<String> seen) {
  /** What the files of {@code options} look like now. */
  static ModelStamp of(LlavaOptions options) {
    List<Path> files = List.of(options.model(), options.projector());
    return new ModelStamp(files, look(files));
  }

  private static List<String> look(List<Path> files) {
    List<String> seen = new ArrayList<>();
    for (Path file : files) {
      seen.add(look(file));
    }
    return seen;
  }

  private static String look(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.size() + " " + attributes.lastModifiedTime() + " " + attributes.fileKey();
    } catch (IOException failure) {
      return failure.getClass().getSimpleName();
    }
  }

  /** Says which file is no longer the same; empty while all are. */
  Optional<String> changed() {
    for (int i = 0; i < files.size(); i++) {
      if (!look(files.get(i)).equals(seen.get(i))) {
        return Optional.of(
            "%s changed while the model was in use, and what it said since may be of neither. Captions from before that are kept: put the file back, or run the same command again with the one that is there."
                .formatted(files.get(i)));
      }
    }
    return Optional.empty();
  }
}
