package dev.vignette.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerLibraryTest {
  private static final String NAME = System.mapLibraryName("tokenizers");

  @TempDir Path cache;

  @Test
  void aLibraryUnpackedForAGpuOnlyIsCopiedToWhereTheCpuLooks() throws Exception {
    Path folder = Files.createDirectories(cache.resolve("1.0-cpu-linux-x86_64"));
    Path gpu = Files.createDirectories(folder.resolve("90")).resolve(NAME);
    Files.writeString(gpu, "library");
    TokenizerLibrary.mend(cache);
    assertThat(folder.resolve(NAME)).hasContent("library");
    assertThat(gpu).exists();
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void aWholeCacheAndAnEmptyFolderStayAsTheyAre() throws Exception {
    Path whole = Files.createDirectories(cache.resolve("whole"));
    Files.writeString(whole.resolve(NAME), "own");
    Files.writeString(Files.createDirectories(whole.resolve("90")).resolve(NAME), "other");
    Path empty = Files.createDirectories(cache.resolve("empty"));
    TokenizerLibrary.mend(cache);
    assertThat(whole.resolve(NAME)).hasContent("own");
    assertThat(empty).isEmptyDirectory();
    TokenizerLibrary.mend(cache.resolve("absent"));
  }
}
