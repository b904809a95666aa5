package dev.vignette.torch;

import ai.djl.util.Utils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Mends the cache of DJL's tokenizers (0.36.0, LibUtils.java). Where there is a GPU they unpack
 * their library into a folder named for its architecture, below the one used without a GPU. Once
 * that is there, a run without a GPU cannot move its own copy into place and ends with "Unexpected
 * flavor: cpu".
 */
public final class TokenizerLibrary {
  private static final String NAME = System.mapLibraryName("tokenizers");

  private TokenizerLibrary() {}

  /** To be called before the first tokenizer is made. */
  public static void mendCache() {
    try {
      mend(Utils.getEngineCacheDir("tokenizers"));
    } catch (IOException e) {
      throw new UncheckedIOException("DJL's cache of tokenizers cannot be mended", e);
    }
  }

  /** Gives each folder that has the library only below itself a copy of its own. */
  static void mend(Path cache) throws IOException {
    for (Path folder : folders(cache)) {
      if (Files.exists(folder.resolve(NAME))) {
        continue;
      }
      Optional<Path> below =
          folders(folder).stream().map(f -> f.resolve(NAME)).filter(Files::exists).findFirst();
      if (below.isPresent()) {
        Path temporary = Files.createTempFile(folder, NAME, ".tmp");
        Files.copy(below.get(), temporary, StandardCopyOption.REPLACE_EXISTING);
        Files.move(temporary, folder.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  private static List<Path> folders(Path parent) throws IOException {
    if (!Files.isDirectory(parent)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(parent)) {
      return entries.filter(Files::isDirectory).toList();
    }
  }
}
