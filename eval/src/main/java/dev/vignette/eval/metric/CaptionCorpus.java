package dev.vignette.eval.metric;

import dev.vignette.eval.tokenize.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  /**
   * Many lines of tokens as words by number, packed: four bytes a word and four a line. Lines are
   * added by one thread, then read by any.
   */
  public static final class WordLines {
    /** Words are kept in blocks of so many, so that nothing is copied when they become more. */
    private static final int BLOCK_BITS = 18;

    private static final int BLOCK = 1 << BLOCK_BITS;

    private final WordNumbers vocabulary = new WordNumbers();
    private final List<int[]> blocks = new ArrayList<>();

    /** By line: where it ends, which is where the next one starts. */
    private int[] ends = new int[64];

    private int size;

    /** By line: its words as ROUGE splits them, where that is another way. */
    private final Map<Integer, int[]> spaced = new HashMap<>();

    /** Adds a line: tokens joined by spaces. */
    public void add(String line) {
      boolean same =
          !line.isEmpty() && line.chars().allMatch(c -> c == ' ' || !Words.isSpace((char) c));
      int end = start(size);
      for (String word : Words.atAnySpace(line)) {
        int block = end >>> BLOCK_BITS;
        if (block == blocks.size()) {
          blocks.add(new int[BLOCK]);
        }
        blocks.get(block)[end & (BLOCK - 1)] = vocabulary.number(word);
        end = Math.addExact(end, 1);
      }
      if (!same) {
        spaced.put(size, vocabulary.numbers(Words.atSpaces(line)));
      }
      if (size == ends.length) {
        ends = Arrays.copyOf(ends, size + size / 2);
      }
      ends[size++] = end;
    }

    /** How many lines there are. */
    public int size() {
      return size;
    }

    /** The words of a line, split at any white space, as CIDEr and BLEU split it. */
    int[] words(int line) {
      int from = start(line);
      int[] words = new int[ends[line] - from];
      for (int done = 0; done < words.length; ) {
        int at = (from + done) & (BLOCK - 1);
        int many = Math.min(words.length - done, BLOCK - at);
        System.arraycopy(blocks.get((from + done) >>> BLOCK_BITS), at, words, done, many);
        done += many;
      }
      return words;
    }

    /** The words of a line, split at spaces only, as ROUGE splits it. */
    int[] spaced(int line) {
      int[] found = spaced.get(line);
      return found == null ? words(line) : found;
    }

    /** Words by number. */
    WordNumbers vocabulary() {
      return vocabulary;
    }

    /** Renumbers all words, so that they are those of another vocabulary. */
    void renumber(WordNumbers into) {
      int[] numbers = new int[vocabulary.size()];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = into.number(vocabulary.word(i));
      }
      int left = start(size);
      for (int[] block : blocks) {
        renumber(block, Math.min(left, BLOCK), numbers);
        left -= BLOCK;
      }
      spaced.values().forEach(words -> renumber(words, words.length, numbers));
    }

    private static void renumber(int[] words, int count, int[] numbers) {
      for (int i = 0; i < count; i++) {
        words[i] = numbers[words[i]];
      }
    }

    /** Whether all lines are those of {@code other}, whose words have other numbers. */
    boolean sameLines(WordLines other, int[] numberHere) {
      if (size != other.size) {
        return false;
      }
      for (int line = 0; line < size; line++) {
        if (!same(words(line), other.words(line), numberHere)
            || !same(spaced(line), other.spaced(line), numberHere)) {
          return false;
        }
      }
      return true;
    }

    private static boolean same(int[] words, int[] others, int[] numberHere) {
      if (words.length != others.length) {
        return false;
      }
      for (int i = 0; i < words.length; i++) {
        if (words[i] != numberHere[others[i]]) {
          return false;
        }
      }
      return true;
    }

    private int start(int line) {
      return line == 0 ? 0 : ends[line - 1];
    }
  }
}
