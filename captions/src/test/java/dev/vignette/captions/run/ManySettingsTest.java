package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.images.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManySettingsTest {
  private static final int COUNT = 6;

  @TempDir Path folder;
  private Path images;

  @BeforeEach
  void makeImages() throws IOException {
    images = Pictures.writeMany(folder.resolve("images"), COUNT);
    Files.createDirectory(folder.resolve("out"));
  }

  /** Captions by a hash of the pixels and the text of the setting. */
  private static final class HashSettings implements CaptionWorkers<Integer> {
    final List<List<String>> calls = new ArrayList<>();
    final SequencedMap<String, String> texts = new LinkedHashMap<>();
    int failsAtCall = Integer.MAX_VALUE;

    HashSettings(String... names) {
      for (String name : names) {
        texts.put(name, "text of " + name);
      }
    }

    @Override
    public Integer prepare(RgbImage image) {
      return Arrays.hashCode(image.rgb());
    }

    @Override
    public List<String> settings() {
      return List.copyOf(texts.sequencedKeySet());
    }

    @Override
    public CaptionWorker<Integer> open(int number) {
      return new GroupWorker<>(
          1,
          tasks -> tasks.stream().map(task -> caption(task.prepared(), task.settings())).toList());
    }

    private List<CaptionDetails> caption(Integer image, List<String> settings) {
      calls.add(List.copyOf(settings));
      if (calls.size() == failsAtCall) {
        throw new AssertionError("killed");
      }
      return settings.stream()
          .map(name ->
              new CaptionDetails(
                  "%08x by %s".formatted(image, texts.get(name)), List.of(), 0, 1, 1, 1))
          .toList();
    }

    @Override
    public ModelFingerprint fingerprint(String setting) {
      return ModelFingerprint.of(Map.of("text", String.valueOf(texts.get(setting))));
    }
  }

  private RunResult run(HashSettings captioner, String... settings) {
    return Runs.run(captioner, Runs.folder(images), files(settings));
  }

  private RunOutput.Saved files(String... settings) {
    return RunOutput.Saved.in(folder.resolve("out"), List.of(settings), KeyMode.STEM);
  }

  private Map<String, String> captions(String setting) {
    return Predictions.read(folder.resolve("out").resolve(setting + ".json")).captions();
  }

  private String hash(String setting, String key) {
    return captions(setting).getOrDefault(key, "no caption").substring(0, 8);
  }

  @Test
  void everySettingGetsAFileWithItsCaptionOfEveryImage() {
    RunResult result = run(new HashSettings("a", "b"), "a", "b");

    assertThat(result.captioned()).isEqualTo(COUNT);
    assertThat(result.exitCode()).isZero();
    assertThat(captions("a"))
        .hasSize(COUNT)
        .allSatisfy((_, text) -> assertThat(text).endsWith("text of a"));
    assertThat(captions("b"))
        .hasSize(COUNT)
        .allSatisfy((_, text) -> assertThat(text).endsWith("text of b"));
    assertThat(hash("a", "000")).isEqualTo(hash("b", "000")).isNotEqualTo(hash("a", "001"));
  }

  @Test
  void aSecondRunCaptionsNothing() {
    run(new HashSettings("a", "b"), "a", "b");
    HashSettings again = new HashSettings("a", "b");

    assertThat(run(again, "a", "b").reused()).isEqualTo(COUNT);
    assertThat(again.calls).isEmpty();
  }

  @Test
  void aKilledRunKeepsWhatIsDone() {
    HashSettings killed = new HashSettings("a", "b");
    killed.failsAtCall = 4;
    assertThatThrownBy(() -> run(killed, "a", "b")).hasMessage("killed");
    HashSettings again = new HashSettings("a", "b");

    RunResult result = run(again, "a", "b");

    assertThat(result.reused()).isEqualTo(3);
    assertThat(again.calls).hasSize(COUNT - 3);
    assertThat(captions("b")).hasSize(COUNT);
  }

  @Test
  void onlyTheSettingsThatLackAnImageCaptionIt() {
    run(new HashSettings("a", "b"), "a", "b");
    HashSettings changed = new HashSettings("a", "b", "c");
    changed.texts.put("b", "another text");

    RunResult result = run(changed, "a", "b", "c");

    assertThat(result.captioned()).isEqualTo(COUNT);
    assertThat(changed.calls).hasSize(COUNT).allMatch(List.of("b", "c")::equals);
    assertThat(captions("a"))
        .hasSize(COUNT)
        .allSatisfy((_, text) -> assertThat(text).endsWith("text of a"));
    assertThat(captions("b")).allSatisfy((_, text) -> assertThat(text).endsWith("another text"));
    HashSettings after = new HashSettings("a", "b", "c");
    after.texts.put("b", "another text");
    assertThat(run(after, "a", "b", "c").reused()).isEqualTo(COUNT);
  }

  @Test
  void aChangedImageIsCaptionedAnewByEverySetting() throws IOException {
    run(new HashSettings("a", "b"), "a", "b");
    Files.copy(images.resolve("001.png"), images.resolve("new.png"));
    Files.move(
        images.resolve("new.png"), images.resolve("000.png"), StandardCopyOption.REPLACE_EXISTING);
    HashSettings again = new HashSettings("a", "b");

    assertThat(run(again, "a", "b").captioned()).isEqualTo(1);
    assertThat(again.calls).containsExactly(List.of("a", "b"));
    assertThat(captions("b").get("000")).isEqualTo(captions("b").get("001"));
  }

  @Test
  void aBadImageIsListedAndLeavesNoCaptionInAnySetting() throws IOException {
    run(new HashSettings("a", "b"), "a", "b");
    Files.writeString(images.resolve("002.png"), "no image");

    RunResult result = run(new HashSettings("a", "b"), "a", "b");

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.failures())
        .extracting(failure -> failure.image().key())
        .containsExactly("002");
    assertThat(captions("a")).hasSize(COUNT - 1).doesNotContainKey("002");
    assertThat(captions("b")).hasSize(COUNT - 1).doesNotContainKey("002");
  }

  @Test
  void aCaptionWrittenByHandStaysAndTheOtherSettingIsCaptioned() {
    run(new HashSettings("a"), "a");
    Map<String, String> edited = new HashMap<>(captions("a"));
    edited.put("003", "by hand");
    Predictions.ofFiles(edited).write(folder.resolve("out/a.json"));
    HashSettings both = new HashSettings("a", "b");

    run(both, "a", "b");

    assertThat(both.calls).hasSize(COUNT).allMatch(List.of("b")::equals);
    assertThat(captions("a").get("003")).isEqualTo("by hand");
    assertThat(captions("b")).hasSize(COUNT);
  }
}
