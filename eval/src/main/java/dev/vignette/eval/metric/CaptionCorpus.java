package dev.vignette.eval.metric;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Candidates and references of the images of a corpus, as words by number. */
public final class CaptionCorpus {
  private final WordNumbers vocabulary;
  private final WordLines candidates;
  private final int[] candidateOf;
  private final WordLines references;
  private final int[] referenceEnds;

  /**
   * A corpus of lines.
   *
   * @param candidates a line an image; they are now the corpus' own
   * @param candidateOf by image: the place of its candidate among the lines
   * @param references all lines of the first image, then all of the second, and so on; they stay as
   *     they are, and may be those of several corpora
   * @param counts by image: how many references it has
   * @throws IllegalArgumentException when they differ in length, there is no image, or an image has
   *     no reference
   */
  public CaptionCorpus(
      WordLines candidates, int[] candidateOf, WordLines references, int[] counts) {
    if (candidates.size() != counts.length || candidateOf.length != counts.length) {
      throw new IllegalArgumentException(
          "Each image has a candidate and references, but there are %d candidates and references of %d images"
              .formatted(candidates.size(), counts.length));
    }
    if (counts.length == 0) {
      throw new IllegalArgumentException("A corpus has at least one image, this one has none");
    }
    referenceEnds = counts.clone();
    for (int image = 0; image < counts.length; image++) {
      if (counts[image] == 0) {
        throw new IllegalArgumentException(
            "Each image has at least one reference, image %d (from 0) has none".formatted(image));
      }
    }
    Arrays.parallelPrefix(referenceEnds, Math::addExact);
    if (referenceEnds[counts.length - 1] != references.size()) {
      throw new IllegalArgumentException(
          "The images have %d references, but there are %d lines of them"
              .formatted(referenceEnds[counts.length - 1], references.size()));
    }
    this.candidates = candidates;
    this.candidateOf = candidateOf.clone();
    this.references = references;
    this.vocabulary = new WordNumbers(references.vocabulary());
    if (candidates != references) {
      candidates.renumber(vocabulary);
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
    WordLines of = new WordLines();
    candidates.forEach(of::add);
    WordLines to = new WordLines();
    references.forEach(lines -> lines.forEach(to::add));
    int[] inOrder = IntStream.range(0, candidates.size()).toArray();
    int[] counts = references.stream().mapToInt(List::size).toArray();
    return new CaptionCorpus(of, inOrder, to, counts);
  }

  /** How many images there are. */
  public int size() {
    return candidateOf.length;
  }

  /** The words of an image's candidate, by the image's place. */
  public List<String> candidate(int image) {
    return written(candidateWords(image));
  }

  /** The words of each of an image's references, at least one, by the image's place. */
  public List<List<String>> references(int image) {
    return Arrays.stream(referenceWords(image)).map(this::written).toList();
  }

  /** Whether another corpus has the same words, whatever their numbers. */
  public boolean sameWords(CaptionCorpus other) {
    int[] numberHere =
        IntStream.range(0, other.vocabulary.size())
            .map(number -> vocabulary.known(other.vocabulary.word(number)))
            .toArray();
    return Arrays.equals(candidateOf, other.candidateOf)
        && Arrays.equals(referenceEnds, other.referenceEnds)
        && candidates.sameLines(other.candidates, numberHere)
        && references.sameLines(other.references, numberHere);
  }

  /** Words by number. */
  WordNumbers vocabulary() {
    return vocabulary;
  }

  /** An image's candidate, split at any white space. */
  int[] candidateWords(int image) {
    return candidates.words(candidateOf[image]);
  }

  /** An image's references, split at any white space. */
  int[][] referenceWords(int image) {
    int from = firstReference(image);
    int[][] words = new int[referenceEnds[image] - from][];
    for (int i = 0; i < words.length; i++) {
      words[i] = references.words(from + i);
    }
    return words;
  }

  /** An image's candidate, split at spaces only. */
  int[] spacedCandidate(int image) {
    return candidates.spaced(candidateOf[image]);
  }

  /** An image's references, split at spaces only. */
  int[][] spacedReferences(int image) {
    int from = firstReference(image);
    int[][] words = new int[referenceEnds[image] - from][];
    for (int i = 0; i < words.length; i++) {
      words[i] = references.spaced(from + i);
    }
    return words;
  }

  private int firstReference(int image) {
    return image == 0 ? 0 : referenceEnds[image - 1];
  }

  private List<String> written(int[] words) {
    return Arrays.stream(words).mapToObj(vocabulary::word).toList();
  }
}
