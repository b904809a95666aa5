package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.CaptionDetails.ScoredToken;
import dev.vignette.captions.run.RunPlan.RunSettings;
import dev.vignette.files.ContentHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FingerprintTest {
  @TempDir Path folder;

  @Test
  void theHashIsTheSameInEveryRun() {
    assertThat(ModelFingerprint.of(Map.of("model", "m", "beams", "3")).hash())
        .isEqualTo("7ec922ad58dd95f5");
  }

  @Test
  void theHashTellsNamesFromValues() {
    String hash = ModelFingerprint.of(Map.of("a", "bc")).hash();

    assertThat(ModelFingerprint.of(Map.of("ab", "c")).hash()).isNotEqualTo(hash);
    assertThat(ModelFingerprint.of(Map.of("a", "bc")).with("d", "").hash()).isNotEqualTo(hash);
    assertThatThrownBy(() -> ModelFingerprint.of(Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void captionsOfAFingerprintWithoutAnAddedValueAreAccepted() {
    ModelFingerprint old = ModelFingerprint.of(Map.of("model", "m"));
    ModelFingerprint now = old.withAdded("tokenizer", "t").with("beams", "3");

    assertThat(now.acceptedHashes())
        .containsExactlyInAnyOrder(now.hash(), old.with("beams", "3").hash());
    assertThat(now.acceptedHashes())
        .doesNotContain(old.withAdded("tokenizer", "other").with("beams", "3").hash());
  }

  @Test
  void theFirstRevisionIsThatOfFingerprintsWithoutOne() {
    ModelFingerprint old = ModelFingerprint.of(Map.of("model", "m"));

    assertThat(old.withRevision(1).hash()).isEqualTo(old.hash());
    assertThat(old.withRevision(2).hash()).isNotEqualTo(old.hash());
  }

  @Test
  void theHashOfAFileIsItsSha256() throws IOException {
    Path file = Files.writeString(folder.resolve("abc"), "abc");

    assertThat(ContentHash.of(file))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  @Test
  void aSampledHashSeesEveryByteOfASmallFile() throws IOException {
    byte[] bytes = new byte[200_001];
    new Random(1).nextBytes(bytes);
    Path file = Files.write(folder.resolve("weights"), bytes);
    String hash = ContentHash.sampled(file);
    assertThat(ContentHash.sampled(file)).isEqualTo(hash);

    for (int at = 0; at < bytes.length; at += 9_973) {
      bytes[at] ^= 1;
      assertThat(ContentHash.sampled(Files.write(file, bytes)))
          .as("byte %d", at)
          .isNotEqualTo(hash);
      bytes[at] ^= 1;
    }
  }

  @Test
  void aSampledHashSeesBothEndsAndTheLengthOfALargeFile() throws IOException {
    int length = 40 << 20;
    byte[] bytes = new byte[length];
    Path file = Files.write(folder.resolve("weights"), bytes);
    String hash = ContentHash.sampled(file);

    for (int at : new int[] {0, length / 255, length - 1}) {
      bytes[at] ^= 1;
      assertThat(ContentHash.sampled(Files.write(file, bytes)))
          .as("byte %d", at)
          .isNotEqualTo(hash);
      bytes[at] ^= 1;
    }
    assertThat(ContentHash.sampled(Files.write(file, new byte[length + 1]))).isNotEqualTo(hash);
    assertThat(ContentHash.sampled(Files.write(file, new byte[0]))).isNotEqualTo(hash);
  }

  @Test
  void dataOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new ScoredToken(-1, 0)).hasMessageContaining("-1");
    assertThatThrownBy(() -> new ScoredToken(1, Float.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> new CaptionDetails("a", java.util.List.of(), 0, 1, -1, 1))
        .hasMessageContaining("prefill");
    assertThatThrownBy(
            () -> new CaptionDetails("a", java.util.List.of(), Double.NEGATIVE_INFINITY, 1, 1, 1))
        .hasMessageContaining("score");
    assertThatThrownBy(() -> RunSettings.defaults().withPrefetch(0, 1))
        .hasMessage("prefetchThreads is at least 1, but is 0");
  }
}
