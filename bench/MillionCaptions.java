import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Writes captions such as evaluation reads, as many as wanted: {@code annotations.json} in COCO's form with five references an
 * image, and {@code predictions/part-NNNNN.json} with a caption each. Words follow Zipf's law (exponent 1, 30,000 words), a
 * caption has 8 to 14 of them, and those of an image share about two thirds of their words. Prints how many different n-grams
 * there are, of one to four words as written, counted exactly.
 *
 * <p>{@code java -Xmx4g bench/MillionCaptions.java FOLDER [IMAGES]}; bench/million-captions.sh runs it.
 */
final class MillionCaptions {
  private static final int WORDS = 30_000;
  private static final int REFERENCES = 5;
  private static final int IMAGES_A_PART = 50_000;
  private static final double KEPT = 0.65;
  private static final int WORD_BITS = 16; // four words are one exact number of 64 bits

  private final SplittableRandom random = new SplittableRandom(42);
  private final double[] shares = new double[WORDS];
  private final String[] words = new String[WORDS];

  /** By order − 1: every n-gram as its words' numbers, from 1. */
  private final long[][] ngrams = new long[4][1 << 20];

  private final int[] counts = new int[4];

  private MillionCaptions() {
    double sum = 0;
    for (int i = 0; i < WORDS; i++) {
      sum += 1.0 / (i + 1);
      shares[i] = sum;
      words[i] = word(i);
    }
    for (int i = 0; i < WORDS; i++) {
      shares[i] /= sum;
    }
  }

  /** A word of its own for each number: syllables. */
  private static String word(int number) {
    StringBuilder word = new StringBuilder();
    for (int left = number + 1; left > 0; left = (left - 1) / 100) {
      int syllable = (left - 1) % 100;
      word.append("bcdfghjklmnprstvwxyz".charAt(syllable / 5)).append("aeiou".charAt(syllable % 5));
    }
    return word.append("k").toString();
  }

  private int draw() {
    int found = Arrays.binarySearch(shares, random.nextDouble());
    return Math.min(WORDS - 1, found < 0 ? -found - 1 : found);
  }

  private int[] topic() {
    int[] topic = new int[14];
    Arrays.setAll(topic, i -> draw());
    return topic;
  }

  private String caption(int[] topic) {
    int[] caption = new int[8 + random.nextInt(7)];
    Arrays.setAll(caption, i -> random.nextDouble() < KEPT ? topic[i] : draw());
    count(caption);
    StringBuilder text = new StringBuilder();
    for (int word : caption) {
      text.append(text.isEmpty() ? "" : " ").append(words[word]);
    }
    text.setCharAt(0, Character.toUpperCase(text.charAt(0)));
    return text.append('.').toString();
  }

  private void count(int[] caption) {
    for (int order = 1; order <= 4; order++) {
      for (int at = 0; at + order <= caption.length; at++) {
        long ngram = 0;
        for (int i = at; i < at + order; i++) {
          ngram = ngram << WORD_BITS | (caption[i] + 1);
        }
        if (counts[order - 1] == ngrams[order - 1].length) {
          compact(order - 1);
        }
        ngrams[order - 1][counts[order - 1]++] = ngram;
      }
    }
  }

  /** Keeps each n-gram once, and makes room. */
  private void compact(int n) {
    Arrays.parallelSort(ngrams[n], 0, counts[n]);
    int kept = 0;
    for (int i = 0; i < counts[n]; i++) {
      if (i == 0 || ngrams[n][i] != ngrams[n][kept - 1]) {
        ngrams[n][kept++] = ngrams[n][i];
      }
    }
    counts[n] = kept;
    if (kept > ngrams[n].length / 2) {
      ngrams[n] = Arrays.copyOf(ngrams[n], 2 * ngrams[n].length);
    }
  }

  private void write(Path folder, int images) throws IOException {
    Path parts = Files.createDirectories(folder.resolve("predictions"));
    try (BufferedWriter annotations = Files.newBufferedWriter(folder.resolve("annotations.json"))) {
      annotations.write("{\"images\": [\n");
      for (int image = 0; image < images; image++) {
        annotations.write(
            "{\"id\": %d, \"file_name\": \"%012d.jpg\"}%s\n".formatted(image, image, image + 1 < images ? "," : ""));
      }
      annotations.write("], \"annotations\": [\n");
      for (int from = 0; from < images; from += IMAGES_A_PART) {
        int to = Math.min(images, from + IMAGES_A_PART);
        Path part = parts.resolve("part-%05d.json".formatted(from / IMAGES_A_PART));
        try (BufferedWriter predictions = Files.newBufferedWriter(part)) {
          predictions.write("{");
          for (int image = from; image < to; image++) {
            write(annotations, predictions, image, image == from, image + 1 == images);
          }
          predictions.write("\n}\n");
        }
      }
      annotations.write("]}\n");
    }
    for (int n = 0; n < ngrams.length; n++) {
      compact(n);
      System.out.printf(Locale.ROOT, "%,d different n-grams of %d words%n", counts[n], n + 1);
    }
  }

  private void write(
      BufferedWriter annotations, BufferedWriter predictions, int image, boolean first, boolean last)
      throws IOException {
    int[] topic = topic();
    for (int i = 0; i < REFERENCES; i++) {
      annotations.write("{\"image_id\": " + image + ", \"caption\": \"" + caption(topic) + "\"}");
      annotations.write(last && i + 1 == REFERENCES ? "\n" : ",\n");
    }
    predictions.write((first ? "\n" : ",\n") + "\"%012d\": \"%s\"".formatted(image, caption(topic)));
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 1 || arguments.length > 2) {
      System.err.println("Usage: java bench/MillionCaptions.java FOLDER [IMAGES]");
      System.exit(2);
    }
    new MillionCaptions()
        .write(Path.of(arguments[0]), arguments.length < 2 ? 1_000_000 : Integer.parseInt(arguments[1]));
  }
}
