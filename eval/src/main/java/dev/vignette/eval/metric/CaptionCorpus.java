package dev.vignette.eval.metric;

import dev.vignette.eval.tokenize.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Candidates and references of the images of a corpus, as words and n-grams by number. */
public final class CaptionCorpus {
  private final Vocabulary vocabulary = new Vocabulary();
  private final NgramTable[] tables = new NgramTable[CaptionNgrams.ORDERS];
  private final List<Entry> images = new ArrayList<>();

  /** A caption; {@code spaced} are its words as ROUGE splits them, at spaces only. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Caption(int[] words, CaptionNgrams ngrams, int[] spaced) {}

  /** An image's candidate and references, at least one. */
  record Entry(Caption candidate, List<Caption> references) {}

  private CaptionCorpus() {
    for (int order = 2; order <= CaptionNgrams.ORDERS; order++) {
      tables[order - 1] = new NgramTable();
    }
  }

  /**
   * A corpus of tokenized captions.
   *
   * @param candidates a line an image: tokens joined by spaces
   * @param references the lines of each image's references
   * @throws IllegalArgumentException when the lists differ in length, there is no image, or an
   *     image has no reference
   */
  public static CaptionCorpus of(List<String> candidates, List<List<String>> references) {
    if (candidates.size() != references.size()) {
      throw new IllegalArgumentException(
          "Each image has a candidate and references, but there are %d candidates and references of %d images"
              .formatted(candidates.size(), references.size()));
    }
    if (candidates.isEmpty()) {
      throw new IllegalArgumentException("A corpus has at least one image, this one has none");
    }
    CaptionCorpus corpus = new CaptionCorpus();
    for (int i = 0; i < candidates.size(); i++) {
      if (references.get(i).isEmpty()) {
        throw new IllegalArgumentException(
            "Each image has at least one reference, image %d (from 0) has none".formatted(i));
      }
      Caption candidate = corpus.caption(candidates.get(i));
      corpus.images.add(
          new Entry(candidate, references.get(i).stream().map(corpus::caption).toList()));
    }
    return corpus;
  }

  /** How many images there are. */
  public int size() {
    return images.size();
  }

  /** The words of an image's candidate, by the image's place. */
  public List<String> candidate(int image) {
    return words(images.get(image).candidate());
  }

  /** The words of each of an image's references, at least one, by the image's place. */
  public List<List<String>> references(int image) {
    return images.get(image).references().stream().map(this::words).toList();
  }

  private List<String> words(Caption caption) {
    return Arrays.stream(caption.words()).mapToObj(vocabulary::word).toList();
  }

  /** The images, in their order. */
  List<Entry> images() {
    return images;
  }

  /** Words by number. */
  Vocabulary vocabulary() {
    return vocabulary;
  }

  /** N-grams of an order from 2 on, by number; those of order 1 are the words. */
  NgramTable table(int order) {
    return tables[order - 1];
  }

  /** How many different n-grams of an order occur. */
  int distinct(int order) {
    return order == 1 ? vocabulary.size() : table(order).size();
  }

  private Caption caption(String line) {
    int[] words = vocabulary.numbers(Words.atAnySpace(line));
    boolean same =
        !line.isEmpty() && line.chars().allMatch(c -> c == ' ' || !Words.isSpace((char) c));
    int[] spaced = same ? words : vocabulary.numbers(Words.atSpaces(line));
    return new Caption(words, CaptionNgrams.of(words, tables), spaced);
  }
}
