package dev.vignette.eval.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.captions.CocoCaptions;
import dev.vignette.eval.ImageTextScorer;
import dev.vignette.eval.ImageTextScorer.ClipRequest;
import dev.vignette.eval.ImageTextScorer.Item;
import dev.vignette.images.RgbImage.ImageReadOptions;
import dev.vignette.torch.clip.ClipModel;
import dev.vignette.torch.fixture.SharedData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClipScorerTest {
  private static final Path DATA = SharedData.inRepository("models/mini/data");

  @TempDir Path folder;
  private final ClipModel clip = load();
  private final SequencedMap<String, Path> files = new LinkedHashMap<>();
  private final Map<String, String> captions = new LinkedHashMap<>();
  private final Map<String, List<String>> references = new LinkedHashMap<>();

  ClipScorerTest() {
    CocoCaptions.read(DATA.resolve("val.json"))
        .byStem()
        .forEach((stem, image) -> {
          files.put(stem, DATA.resolve("images/val").resolve(image.fileName()));
          captions.put(stem, image.captions().getFirst());
          references.put(stem, image.captions().subList(1, image.captions().size()));
        });
  }

  private static ClipModel load() {
    try {
      return ClipModel.load(SharedData.inRepository("models/mini/clip"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterAll
  void close() {
    clip.close();
  }

  private ClipScores score(String prefix, EmbeddingCache cache, int images) throws Exception {
    SequencedMap<String, Path> first = new LinkedHashMap<>(files);
    first.keySet().retainAll(List.copyOf(files.keySet()).subList(0, images));
    return new ClipScorer(clip, new ImageEmbeddings(clip, Optional.of(cache)), prefix)
        .score(first, captions, references);
  }

  private EmbeddingCache cache() throws Exception {
    return EmbeddingCache.open(folder, ImageEmbeddings.cacheKey(clip), clip.embeddingWidth());
  }

  @Test
  void aSecondSystemOnTheSameReferencesScoresAsItWouldAlone() throws Exception {
    SequencedMap<String, Path> few = new LinkedHashMap<>(files);
    few.keySet().retainAll(List.copyOf(files.keySet()).subList(0, 8));
    Map<String, String> other = new LinkedHashMap<>();
    few.keySet().forEach(stem -> other.put(stem, "a kite on the grass " + "again ".repeat(90)));
    ImageEmbeddings images = new ImageEmbeddings(clip, Optional.of(cache()));
    ClipScores alone = new ClipScorer(clip, images, "").score(few, other, references);
    ClipScorer both = new ClipScorer(clip, images, "");
    both.score(few, captions, references);

    ClipScores second = both.score(few, other, references);

    assertThat(second.truncated()).isEqualTo(alone.truncated()).isEqualTo(8);
    few.keySet()
        .forEach(stem -> {
          ClipScores.Score expected = Objects.requireNonNull(alone.images().get(stem));
          ClipScores.Score score = Objects.requireNonNull(second.images().get(stem));
          assertThat(score.clipScore()).isCloseTo(expected.clipScore(), within(1e-6));
          assertThat(score.refClipScore().orElseThrow())
              .isCloseTo(expected.refClipScore().orElseThrow(), within(1e-6));
        });
  }

  @Test
  void everyScoreEqualsThatOfTheReferenceImplementation() throws Exception {
    Path file = SharedData.besideCheckout("golden/clip/golden_clip.json");
    JsonNode golden = JsonMapper.shared().readTree(Files.readString(file)).required("images");
    ClipScores plain = score("", cache(), 300);
    ClipScores prefixed = score("A photo depicts ", cache(), 300);
    assertThat(plain.images()).hasSize(300);
    plain
        .images()
        .forEach((stem, score) -> {
          JsonNode expected = golden.required(stem);
          ClipScores.Score withPrefix = Objects.requireNonNull(prefixed.images().get(stem));
          assertThat(score.clipScore())
              .isCloseTo(expected.required("clipscore").asDouble(), within(1e-4));
          assertThat(withPrefix.clipScore())
              .isCloseTo(expected.required("clipscore_prefix").asDouble(), within(1e-4));
          assertThat(withPrefix.refClipScore().orElseThrow())
              .isCloseTo(expected.required("refclipscore_prefix").asDouble(), within(1e-4));
        });
    assertThat(plain.clipScore()).isCloseTo(2.19827, within(1e-5));
    assertThat(prefixed.clipScore()).isCloseTo(2.19851, within(1e-5));
    assertThat(prefixed.refClipScore().orElseThrow()).isCloseTo(1.35231, within(1e-5));
  }

  @Test
  void aCacheGivesTheSameScoresAndIsNotWrittenTwice() throws Exception {
    EmbeddingCache first = cache();
    ClipScores scores = score("", first, 5);
    EmbeddingCache reopened = cache();
    assertThat(reopened.size()).isEqualTo(first.size()).isGreaterThanOrEqualTo(5);
    assertThat(score("", reopened, 5)).isEqualTo(scores);
    assertThat(cache().size()).isEqualTo(reopened.size());
  }

  @Test
  void aCacheThatCannotBeWrittenIsSaidAndTheImagesAreScored() throws Exception {
    ClipRequest request = new ClipRequest(SharedData.inRepository("models/mini/clip"), "", false);
    List<Item> items =
        List.of(
            new Item(
                Objects.requireNonNull(files.get("000000000001")),
                "A truck.",
                List.of("A truck at night.")));
    Path good = folder.resolve("good");
    Path noFolder = Files.writeString(folder.resolve("file"), "");
    Path noFile = folder.resolve("in the way");
    String name = ImageEmbeddings.cacheKey(clip) + "-" + clip.embeddingWidth() + ".embeddings";
    Files.createDirectories(noFile.resolve(name)); // where the file should be
    double[] scores;
    try (ImageTextScorer scorer = ClipTextScorerProvider.open(request, good)) {
      ImageTextScorer.Scores found = scorer.score(items, true);
      assertThat(found.notes()).isEmpty();
      scores = found.clip();
    }
    for (Path bad : List.of(noFolder, noFile)) {
      try (ImageTextScorer scorer = ClipTextScorerProvider.open(request, bad)) {
        ImageTextScorer.Scores found = scorer.score(items, true);
        assertThat(found.clip()).isEqualTo(scores);
        assertThat(String.join(" ", found.notes())).contains("not kept", bad.toString());
      }
    }
  }

  @Test
  void anUnreadableImageIsNamedAndTheOthersAreScored() throws Exception {
    SequencedMap<String, Path> two = new LinkedHashMap<>();
    two.put("000000000001", files.get("000000000001"));
    Path broken = folder.resolve("broken.jpg");
    Files.writeString(broken, "no image");
    two.put("broken", broken);
    EmbeddingCache cache = EmbeddingCache.open(folder, "cut", clip.embeddingWidth());
    ClipScorer scorer = new ClipScorer(clip, new ImageEmbeddings(clip, Optional.of(cache)), "");
    Map<String, String> texts = Map.of("000000000001", "A truck.", "broken", "A dog.");
    ClipScores scores = scorer.score(two, texts, Map.of());
    assertThat(scores.unreadable()).containsOnlyKeys(broken);
    assertThat(scores.images()).containsOnlyKeys("000000000001");
    assertThat(scores.refClipScore()).isEmpty();
  }

  @Test
  void imagesAreReadAsTheReferenceReadsThemUnlessTheyAreAskedForUpright() throws Exception {
    String caption = "a bird flying above a penguin on the grass";
    SequencedMap<String, Path> cases = new LinkedHashMap<>();
    cases.put("exif6", SharedData.besideCheckout("cases/eval/clip_images/exif6.jpg"));
    cases.put("alpha", SharedData.besideCheckout("cases/eval/clip_images/alpha.png"));
    Map<String, String> captionOf = Map.of("exif6", caption, "alpha", caption);

    ClipScores stored =
        new ClipScorer(clip, new ImageEmbeddings(clip, Optional.empty()), "")
            .score(cases, captionOf, Map.of());
    ClipScores upright =
        new ClipScorer(
                clip, new ImageEmbeddings(clip, Optional.empty(), ImageReadOptions.DEFAULT), "")
            .score(cases, captionOf, Map.of());

    assertThat(scoresOf(stored)).containsExactly("exif6 2.2913", "alpha 2.2863");
    assertThat(scoresOf(upright)).containsExactly("exif6 2.0110", "alpha 1.8626");
    assertThat(ImageEmbeddings.cacheKey(clip, ImageReadOptions.DEFAULT))
        .isNotEqualTo(ImageEmbeddings.cacheKey(clip));
  }

  private static List<String> scoresOf(ClipScores scores) {
    return scores.images().entrySet().stream()
        .map(entry ->
            String.format(Locale.ROOT, "%s %.4f", entry.getKey(), entry.getValue().clipScore()))
        .toList();
  }

  @Test
  void aModelOfAnotherConfigurationOrTokenizerHasAnotherFingerprint() throws Exception {
    Path other = Files.createDirectories(folder.resolve("other"));
    Path mini = SharedData.inRepository("models/mini/clip");
    Set<String> keys = new HashSet<>();
    keys.add(ClipTextScorerProvider.modelHash(mini));
    for (String changed : List.of("", "config.json", "tokenizer.json")) {
      for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
        Files.copy(mini.resolve(file), other.resolve(file), StandardCopyOption.REPLACE_EXISTING);
      }
      if (!changed.isEmpty()) {
        Files.writeString(other.resolve(changed), "\n", StandardOpenOption.APPEND);
      }
      keys.add(ClipTextScorerProvider.modelHash(other));
    }
    assertThat(keys).hasSize(3);
  }
}
