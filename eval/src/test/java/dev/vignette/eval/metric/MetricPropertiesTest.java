package dev.vignette.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.eval.metric.DocumentFrequencies.DocumentFrequencyFile;
import dev.vignette.files.faults.MalformedDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricPropertiesTest {
  private static final String[] WORDS =
      "a man dog on the horse rides red two snow in play".split(" ");

  private static String caption(Random random) {
    int length = 1 + random.nextInt(12);
    List<String> words = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      words.add(WORDS[random.nextInt(WORDS.length)]);
    }
    return String.join(" ", words);
  }

  private static List<List<String>> references(Random random, int images, int each) {
    List<List<String>> references = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      List<String> of = new ArrayList<>();
      for (int r = 0; r < each; r++) {
        of.add(caption(random));
      }
      references.add(of);
    }
    return references;
  }

  private static List<MetricResult> scores(CaptionCorpus corpus) {
    List<MetricResult> results = new ArrayList<>();
    results.add(Cider.score(corpus, DocumentFrequencies.of(corpus)));
    results.addAll(Bleu.score(corpus));
    results.add(RougeL.score(corpus));
    return results;
  }

  @Test
  void withOneReferenceACaptionEqualToItScoresAtLeastAsHighAsAnyShuffleOfIt() {
    Random random = new Random(17);
    List<List<String>> references = references(random, 60, 1);
    List<String> equal = references.stream().map(List::getFirst).toList();
    List<MetricResult> best = scores(CaptionCorpus.of(equal, references));
    for (int trial = 0; trial < 20; trial++) {
      List<String> shuffled =
          equal.stream()
              .map(caption -> {
                List<String> words = Arrays.asList(caption.split(" "));
                Collections.shuffle(words, random);
                return String.join(" ", words);
              })
              .toList();
      List<MetricResult> results = scores(CaptionCorpus.of(shuffled, references));
      for (int m = 0; m < best.size(); m++) {
        for (int i = 0; i < equal.size(); i++) {
          assertThat(results.get(m).image(i))
              .as("%s of «%s»", best.get(m).name(), shuffled.get(i))
              .isLessThanOrEqualTo(best.get(m).image(i) + 1e-12);
        }
      }
    }
  }

  @Test
  void theOrderOfImagesChangesNoFigureOfAnImage() {
    Random random = new Random(23);
    List<List<String>> references = references(random, 100, 3);
    List<String> candidates = references.stream().map(ignored -> caption(random)).toList();
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, random);
    List<MetricResult> results = scores(CaptionCorpus.of(candidates, references));
    List<MetricResult> shuffled =
        scores(
            CaptionCorpus.of(
                order.stream().map(candidates::get).toList(),
                order.stream().map(references::get).toList()));
    for (int m = 0; m < results.size(); m++) {
      assertThat(shuffled.get(m).corpus()).isCloseTo(results.get(m).corpus(), within(1e-12));
      for (int i = 0; i < candidates.size(); i++) {
        assertThat(shuffled.get(m).image(i)).isEqualTo(results.get(m).image(order.get(i)));
      }
    }
  }

  @Test
  void aCorpusOfAllImagesOnceIsTheCorpus() {
    Random random = new Random(29);
    List<List<String>> references = references(random, 40, 2);
    List<String> candidates = references.stream().map(ignored -> caption(random)).toList();
    int[] all = IntStream.range(0, 40).toArray();
    for (MetricResult result : scores(CaptionCorpus.of(candidates, references))) {
      assertThat(result.of(all)).isCloseTo(result.corpus(), within(1e-12));
    }
  }

  @Test
  void anImageWithoutReferencesIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CaptionCorpus.of(List.of("a", "b"), List.of(List.of("a"), List.of())))
        .withMessageContaining("image 1");
  }

  @Test
  void savedDocumentFrequenciesGiveTheSameFiguresAgain(@TempDir Path folder) {
    Random random = new Random(31);
    List<List<String>> references = references(random, 200, 3);
    List<String> candidates = references.stream().map(ignored -> caption(random)).toList();
    CaptionCorpus corpus = CaptionCorpus.of(candidates, references);
    DocumentFrequencies frequencies = DocumentFrequencies.of(corpus);
    Path file = folder.resolve("df.txt");
    DocumentFrequencyFile.write(file, frequencies);
    assertThat(Cider.score(corpus, DocumentFrequencyFile.read(file, corpus)).corpus())
        .isEqualTo(Cider.score(corpus, frequencies).corpus());

    CaptionCorpus one = CaptionCorpus.of(candidates.subList(0, 1), references.subList(0, 1));
    assertThat(Cider.score(one, DocumentFrequencies.of(one)).corpus()).isZero();
    assertThat(Cider.score(one, DocumentFrequencyFile.read(file, one)).corpus())
        .isEqualTo(Cider.score(corpus, frequencies).image(0));
  }

  @Test
  void aFileThatHoldsNoFrequenciesIsNamedWithItsLine(@TempDir Path folder) throws IOException {
    CaptionCorpus corpus = CaptionCorpus.of(List.of("a"), List.of(List.of("a")));
    Path file = folder.resolve("df.txt");
    Files.writeString(file, "{}\n");
    assertThatThrownBy(() -> DocumentFrequencyFile.read(file, corpus))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining("df.txt holds no document frequencies");
    Files.writeString(file, "vignette-cider-df 1\ndocuments 2\n1\ta\n3\tb\n");
    assertThatThrownBy(() -> DocumentFrequencyFile.read(file, corpus))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining("line 4")
        .hasMessageContaining("1 to 2")
        .hasMessageContaining("\"3\"");
    Files.writeString(file, "vignette-cider-df 1\n");
    assertThatThrownBy(() -> DocumentFrequencyFile.read(file, corpus))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining("line 2");
  }

  @Test
  void aFileOfFrequenciesThatWasCutShortIsRefusedWhereverItEnds(@TempDir Path folder)
      throws IOException {
    CaptionCorpus corpus =
        CaptionCorpus.of(
            List.of("a dog in snow", "a cat"),
            List.of(List.of("a brown dog in snow", "a dog"), List.of("a cat on a mat")));
    Path file = folder.resolve("df.txt");
    DocumentFrequencyFile.write(file, DocumentFrequencies.of(corpus));
    String whole = Files.readString(file);
    assertThat(whole).startsWith("vignette-cider-df 3\ndocuments 2\nn-grams 27\n2\ta\n");
    for (int length = 0; length < whole.length(); length++) {
      Files.writeString(file, whole.substring(0, length));
      assertThatThrownBy(() -> DocumentFrequencyFile.read(file, corpus))
          .as("%d bytes", length)
          .isInstanceOf(MalformedDataException.class)
          .hasMessageContaining("df.txt");
    }
    Files.writeString(file, whole.replace("crc32", "1\ta mat\ncrc32"));
    assertThatThrownBy(() -> DocumentFrequencyFile.read(file, corpus))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining("holds 27 n-grams, but holds 28");
    for (String changed :
        List.of(
            whole + "1\ta mat\n",
            whole.replace("2\ta\n", "1\ta\n"),
            whole.replace("\tdog\n", "\tdig\n"),
            whole.replace("documents 2", "documents 3"))) {
      Files.writeString(file, changed);
      assertThatThrownBy(() -> DocumentFrequencyFile.read(file, corpus))
          .isInstanceOf(MalformedDataException.class)
          .hasMessageContaining("df.txt was changed or damaged");
    }
    Files.writeString(
        file, whole.replaceFirst("crc32.*\n", "").replace("cider-df 3", "cider-df 2"));
    assertThat(DocumentFrequencyFile.read(file, corpus).note()).isEmpty();
  }

  @Test
  void aFileOfFrequenciesOfVersionOneIsReadWithANoteUnlessItsLastLineHasNoEnd(@TempDir Path folder)
      throws IOException {
    CaptionCorpus corpus =
        CaptionCorpus.of(List.of("a dog", "a cat"), List.of(List.of("a dog"), List.of("a cat")));
    DocumentFrequencies counted = DocumentFrequencies.of(corpus);
    assertThat(counted.note()).isEmpty();
    Path file = folder.resolve("df.txt");
    String first = "vignette-cider-df 1\ndocuments 2\n2\ta\n1\tdog\n1\tcat\n1\ta dog\n1\ta cat";
    Files.writeString(file, first + "\n");
    DocumentFrequencies read = DocumentFrequencyFile.read(file, corpus);
    assertThat(Cider.score(corpus, read).corpus()).isEqualTo(Cider.score(corpus, counted).corpus());
    assertThat(read.note().orElseThrow()).contains("df.txt is of version 1", "--save-cider-df");
    Files.writeString(file, first);
    assertThatThrownBy(() -> DocumentFrequencyFile.read(file, corpus))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining("line 7: the line has no end");
  }
}
