package dev.vignette.torch;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.util.Utils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Opens Hugging Face's tokenizers.
 *
 * <p>Before, it mends the cache of DJL's library of them (0.36.0, LibUtils.java). Where there is a
 * GPU they unpack it into a folder named for its architecture, below the one used without a GPU.
 * Once that is there, a run without a GPU cannot move its own copy into place and ends with
 * "Unexpected flavor: cpu".
 */
public final class TokenizerLibrary {
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final String NAME = System.mapLibraryName("tokenizers");

  private TokenizerLibrary() {}

  /**
   * Opens a {@code tokenizer.json}, with or without a byte order mark.
   *
   * @param options as DJL names them
   * @throws IllegalArgumentException naming the file, if it is no tokenizer
   * @throws IOException if it cannot be read
   */
  public static HuggingFaceTokenizer open(Path file, Map<String, String> options)
      throws IOException {
    byte[] json = Files.readAllBytes(file);
    int mark = Arrays.mismatch(json, BYTE_ORDER_MARK) == BYTE_ORDER_MARK.length ? 3 : 0;
    return open(file.toString(), Arrays.copyOfRange(json, mark, json.length), options);
  }

  /**
   * Opens what a {@code tokenizer.json} would hold.
   *
   * @param name of the files it was made of, for the complaint
   * @throws IllegalArgumentException with the name, if it is no tokenizer
   */
  public static HuggingFaceTokenizer open(String name, byte[] json, Map<String, String> options)
      throws IOException {
    mendCache();
    try {
      return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), options);
    } catch (RuntimeException failure) {
      throw new IllegalArgumentException(
          "%s is no tokenizer that can be read (%s). Copy it from the published model."
              .formatted(name, failure.getMessage()),
          failure);
    }
  }

  private static void mendCache() {
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
