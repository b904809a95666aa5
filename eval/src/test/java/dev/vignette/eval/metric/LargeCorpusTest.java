package dev.vignette.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a corpus packs and numbers is what it was given. */
class LargeCorpusTest {
  private static final int IMAGES = 40_000;

  private static List<String> lines(Random random, int count) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder line = new StringBuilder();
      for (int n = random.nextInt(12); n > 0; n--) {
        line.append(line.isEmpty() ? "" : " ").append("w").append(random.nextInt(500));
      }
      lines.add(line.toString());
    }
    return lines;
  }

  private static List<String> words(String line) {
    return line.isEmpty() ? List.of() : List.of(line.split(" ", -1));
  }

  @Test
  void wordsOverManyBlocksComeBackAsTheyWere() {
    Random random = new Random(1);
    List<String> candidates = lines(random, IMAGES);
    List<List<String>> references = new ArrayList<>();
    for (int image = 0; image < IMAGES; image++) {
      references.add(lines(random, 1 + image % 3));
    }
    CaptionCorpus corpus = CaptionCorpus.of(candidates, references);
    for (int image = 0; image < IMAGES; image++) {
      assertThat(corpus.candidate(image)).isEqualTo(words(candidates.get(image)));
      assertThat(corpus.references(image))
          .isEqualTo(references.get(image).stream().map(LargeCorpusTest::words).toList());
    }
    assertThat(corpus.sameWords(CaptionCorpus.of(candidates, references))).isTrue();
    candidates.set(IMAGES - 1, "another");
    assertThat(corpus.sameWords(CaptionCorpus.of(candidates, references))).isFalse();
  }

  @Test
  void everyNgramIsCountedInAsManyImagesAsHaveIt() {
    Random random = new Random(2);
    List<String> candidates = lines(random, 3_000);
    List<List<String>> references = new ArrayList<>();
    Map<String, Integer> expected = new HashMap<>();
    for (int image = 0; image < candidates.size(); image++) {
      references.add(lines(random, 3));
      Set<String> seen = new HashSet<>();
      for (String line : references.getLast()) {
        List<String> words = words(line);
        for (int order = 1; order <= 4; order++) {
          for (int at = 0; at + order <= words.size(); at++) {
            seen.add(String.join(" ", words.subList(at, at + order)));
          }
        }
      }
      seen.forEach(ngram -> expected.merge(ngram, 1, Integer::sum));
    }
    CaptionCorpus corpus = CaptionCorpus.of(candidates, references);
    DocumentFrequencies frequencies = DocumentFrequencies.of(corpus);
    expected.forEach((ngram, count) -> {
      List<String> words = words(ngram);
      int number = corpus.vocabulary().known(words.getFirst());
      for (int order = 2; order <= words.size(); order++) {
        int word = corpus.vocabulary().known(words.get(order - 1));
        number = frequencies.index().number(order, number, word);
      }
      assertThat(frequencies.count(words.size(), number)).as(ngram).isEqualTo(count);
    });
    assertThat(expected.size()).isGreaterThan(90_000);
  }

  @Test
  void aTableTellsEveryNgramFromEveryOther() {
    NgramTable table = new NgramTable(4);
    for (int start = 0; start < 1_000; start++) {
      for (int word = 0; word < 1_000; word++) {
        assertThat(table.number(start, word)).isEqualTo(1_000 * start + word);
      }
    }
    assertThat(table.size()).isEqualTo(1_000_000);
    assertThat(table.known(17, 23)).isEqualTo(17_023);
    assertThat(table.known(23, 1_000)).isEqualTo(-1);
    assertThat(table.start(17_023)).isEqualTo(17);
    assertThat(table.lastWord(17_023)).isEqualTo(23);
  }
}
