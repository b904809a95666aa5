package dev.vignette.eval.metric;

import dev.vignette.captions.reading.ReadFault;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.OwnFile;
import dev.vignette.files.faults.MalformedDataException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import java.util.zip.Checksum;
import org.jspecify.annotations.Nullable;

/**
 * In how many images each n-gram occurs in some reference, of the n-grams of one corpus. It holds
 * every different n-gram of the corpus, so let go of it when the corpus is scored.
 */
public final class DocumentFrequencies {
  private final CaptionCorpus corpus;
  private final NgramIndex index;
  private final int documents;

  /** By order − 1, by number: 0 for an n-gram that only candidates have; may be longer. */
  private final int[][] counts;

  private final Optional<String> note;

  DocumentFrequencies(
      CaptionCorpus corpus,
      NgramIndex index,
      int documents,
      int[][] counts,
      Optional<String> note) {
    if (documents < 1) {
      throw new IllegalArgumentException(
          "Document frequencies count at least one document, these count " + documents);
    }
    this.corpus = corpus;
    this.index = index;
    this.documents = documents;
    this.counts = counts;
    this.note = note;
  }

  /** The frequencies of the corpus's own references. */
  public static DocumentFrequencies of(CaptionCorpus corpus) {
    NgramIndex index = new NgramIndex(corpus.vocabulary());
    int[][] counts = new int[CaptionNgrams.ORDERS][0];
    int[] seen = new int[0]; // by order in turn: all n-grams of an image's references
    for (int image = 0; image < corpus.size(); image++) {
      index.add(corpus.candidateWords(image));
      int[][] references = corpus.referenceWords(image);
      CaptionNgrams[] ngrams = new CaptionNgrams[references.length];
      Arrays.setAll(ngrams, i -> index.add(references[i]));
      for (int n = 0; n < CaptionNgrams.ORDERS; n++) {
        counts[n] = grown(counts[n], index.distinct(n + 1));
        seen = countOnce(ngrams, n, counts[n], seen);
      }
    }
    return new DocumentFrequencies(corpus, index, corpus.size(), counts, Optional.empty());
  }

  /** Counts each n-gram of an image once; returns the room for the next image. */
  private static int[] countOnce(CaptionNgrams[] references, int n, int[] counts, int[] room) {
    int many = 0;
    int[] seen = room;
    for (CaptionNgrams reference : references) {
      int[] numbers = reference.numbers()[n];
      seen = grown(seen, many + numbers.length);
      System.arraycopy(numbers, 0, seen, many, numbers.length);
      many += numbers.length;
    }
    Arrays.sort(seen, 0, many);
    for (int i = 0; i < many; i++) {
      if (i == 0 || seen[i] != seen[i - 1]) {
        counts[seen[i]]++;
      }
    }
    return seen;
  }

  private static int[] grown(int[] array, int size) {
    return size <= array.length ? array : Arrays.copyOf(array, size + size / 4);
  }

  /** How many images were counted, N. */
  public int documents() {
    return documents;
  }

  /** What a reader of figures by them should know, a whole sentence. */
  public Optional<String> note() {
    return note;
  }

  /** The corpus that the n-grams are of. */
  CaptionCorpus corpus() {
    return corpus;
  }

  /** The n-grams by number. */
  NgramIndex index() {
    return index;
  }

  /** In how many images the n-gram of an order occurs. */
  int count(int order, int number) {
    return counts[order - 1][number];
  }

  /**
   * Document frequencies in a file, so that figures of different corpora can be compared: UTF-8
   * text, first {@code vignette-cider-df 3}, then {@code documents N}, then {@code n-grams M}, then
   * M lines, an n-gram each: {@code count}, a tab, its words joined by spaces; then {@code crc32},
   * a space and the CRC-32 of all lines before in eight hexadecimal digits. All lines end in a line
   * feed. Files of version 2 lack the last line: one that was cut short is known by its length, but
   * not a count that changed. Files of version 1 lack the third line too: only one that is cut
   * within a line is known, and the others are read with a note.
   */
  public static final class DocumentFrequencyFile {
    private static final String NAME = "vignette-cider-df ";
    private static final String MAGIC = NAME + 3;
    private static final String UNCHECKED_MAGIC = NAME + 2;
    private static final String UNCOUNTED_MAGIC = NAME + 1;
    private static final String DOCUMENTS = "documents ";
    private static final String NGRAMS = "n-grams ";
    private static final String CHECKSUM = "crc32 ";

    private DocumentFrequencyFile() {}

    /**
     * What the first lines say.
     *
     * @param ngrams how many n-grams follow; not said in version 1
     * @param checked whether a checksum follows them
     */
    private record Head(int documents, OptionalInt ngrams, boolean checked) {
      int lines() {
        return ngrams.isPresent() ? 3 : 2;
      }
    }

    /** Lines, and the checksum of those before the one that says it. */
    private static final class Lines implements AutoCloseable {
      private final BufferedReader lines;
      private final CRC32 sum = new CRC32();

      Lines(Path file) throws IOException {
        lines = Files.newBufferedReader(file);
      }

      @Nullable String next() throws IOException {
        String line = lines.readLine();
        if (line != null && !line.startsWith(CHECKSUM)) {
          sum.update(line.getBytes(StandardCharsets.UTF_8));
          sum.update('\n');
        }
        return line;
      }

      String checksum() {
        return said(sum);
      }

      @Override
      public void close() throws IOException {
        lines.close();
      }
    }

    private static String said(Checksum sum) {
      return CHECKSUM + "%08x".formatted(sum.getValue());
    }

    /**
     * Returns whether nothing of anybody's is lost when {@code file} is written: it is not there,
     * is empty, or is such a file, of any version.
     *
     * @throws IOException if it cannot be read
     */
    public static boolean isFree(Path file) throws IOException {
      return OwnFile.isFreeOrBegins(file, NAME) && OwnFile.isFree(file, "\n" + DOCUMENTS);
    }

    /** Saves what is counted; n-grams that no reference has are left out. */
    public static void write(Path file, DocumentFrequencies frequencies) {
      AtomicFile.write(
          file,
          out -> {
            CheckedOutputStream sum = new CheckedOutputStream(out, new CRC32());
            Writer writer = new BufferedWriter(new OutputStreamWriter(sum, StandardCharsets.UTF_8));
            writer.write(MAGIC + "\n" + DOCUMENTS + frequencies.documents() + "\n");
            writer.write(NGRAMS + ngrams(frequencies) + "\n");
            for (int order = 1; order <= CaptionNgrams.ORDERS; order++) {
              for (int number = 0; number < frequencies.index().distinct(order); number++) {
                int count = frequencies.count(order, number);
                if (count > 0) {
                  writer.write(count + "\t" + words(frequencies, order, number) + "\n");
                }
              }
            }
            writer.flush();
            writer.write(said(sum.getChecksum()) + "\n");
            writer.flush();
          });
    }

    private static int ngrams(DocumentFrequencies frequencies) {
      int ngrams = 0;
      for (int order = 1; order <= CaptionNgrams.ORDERS; order++) {
        for (int number = 0; number < frequencies.index().distinct(order); number++) {
          ngrams = Math.addExact(ngrams, frequencies.count(order, number) > 0 ? 1 : 0);
        }
      }
      return ngrams;
    }

    /**
     * Loads the frequencies of the n-grams of a corpus; those that the file lacks count 0.
     *
     * @throws MalformedDataException when the file is not of this format, or was cut short; the
     *     message names the line
     * @throws UncheckedIOException when it cannot be read
     */
    public static DocumentFrequencies read(Path file, CaptionCorpus corpus) {
      try (Lines lines = new Lines(file)) {
        Head head = head(file, lines);
        NgramIndex index = index(corpus);
        int[][] counts = new int[CaptionNgrams.ORDERS][];
        Arrays.setAll(counts, n -> new int[index.distinct(n + 1)]);
        int read = 0;
        String checksum = null;
        for (String line = lines.next(); line != null; line = lines.next()) {
          if (head.checked() && line.startsWith(CHECKSUM)) {
            checksum = line;
            break;
          }
          read++;
          int tab = line.indexOf('\t');
          String text = line.substring(0, Math.max(tab, 0));
          int count = number(file, head.lines() + read, text, 1, head.documents());
          set(corpus.vocabulary(), index, line.substring(tab + 1).split(" ", -1), count, counts);
        }
        requireWhole(file, head, read, head.lines() + read + (checksum == null ? 0 : 1));
        if (head.checked()) {
          String after = lines.next();
          requireUnchanged(file, after == null ? checksum : after, lines.checksum());
        }
        return new DocumentFrequencies(corpus, index, head.documents(), counts, note(file, head));
      } catch (IOException e) {
        throw ReadFault.unreadable(file, e);
      }
    }

    /** Checks that a file has as many lines as it says, and that its last line has an end. */
    private static void requireWhole(Path file, Head head, int read, int lines) throws IOException {
      if (head.ngrams().isPresent() && head.ngrams().getAsInt() != read) {
        throw new MalformedDataException(
            "%s says that it holds %d n-grams, but holds %d: it was cut short or changed. Copy it again, or make it again with --save-cider-df."
                .formatted(file, head.ngrams().getAsInt(), read));
      }
      if (!endsInLineFeed(file)) {
        throw new MalformedDataException(
            "%s, line %d: the line has no end, so the file was cut short. Copy it again, or make it again with --save-cider-df."
                .formatted(file, lines));
      }
    }

    private static void requireUnchanged(Path file, @Nullable String last, String checksum) {
      if (!checksum.equals(last)) {
        throw new MalformedDataException(
            "%s was changed or damaged: its last line should be \"%s\", not \"%s\". Copy it again, or make it again with --save-cider-df."
                .formatted(file, checksum, last == null ? "" : last));
      }
    }

    private static boolean endsInLineFeed(Path file) throws IOException {
      try (FileChannel channel = FileChannel.open(file)) {
        ByteBuffer last = ByteBuffer.allocate(1);
        channel.read(last, channel.size() - 1);
        return last.get(0) == '\n';
      }
    }

    private static Optional<String> note(Path file, Head head) {
      return head.ngrams().isPresent()
          ? Optional.empty()
          : Optional.of(
              "%s is of version 1 and does not say how many n-grams it holds, so one that was cut short at a line's end is not noticed; make it again with --save-cider-df."
                  .formatted(file));
    }

    /**
     * Looks at the first lines of a file.
     *
     * @throws MalformedDataException as {@link #read} does
     * @throws UncheckedIOException when it cannot be read
     */
    public static void check(Path file) {
      try (Lines lines = new Lines(file)) {
        head(file, lines);
      } catch (IOException e) {
        throw ReadFault.unreadable(file, e);
      }
    }

    private static Head head(Path file, Lines lines) throws IOException {
      String first = lines.next();
      boolean checked = MAGIC.equals(first);
      boolean counted = checked || UNCHECKED_MAGIC.equals(first);
      if (!counted && !UNCOUNTED_MAGIC.equals(first)) {
        throw new MalformedDataException(
            "%s holds no document frequencies: its first line is not \"%s\". Make it with --save-cider-df."
                .formatted(file, MAGIC));
      }
      int documents = named(file, 2, DOCUMENTS, 1, lines.next());
      return new Head(
          documents,
          counted ? OptionalInt.of(named(file, 3, NGRAMS, 0, lines.next())) : OptionalInt.empty(),
          checked);
    }

    /** The number after a name at the beginning of a line. */
    private static int named(Path file, int number, String name, int least, @Nullable String line) {
      String text = line != null && line.startsWith(name) ? line.substring(name.length()) : "";
      return number(file, number, text, least, Integer.MAX_VALUE);
    }

    private static int number(Path file, int line, String text, int least, int most) {
      try {
        int number = Integer.parseInt(text);
        if (number >= least && number <= most) {
          return number;
        }
      } catch (NumberFormatException e) {
        // Said below, with what stands there.
      }
      throw new MalformedDataException(
          "%s, line %d: a count from %d to %d should stand here, not \"%s\". Make the file again with --save-cider-df."
              .formatted(file, line, least, most, text));
    }

    private static NgramIndex index(CaptionCorpus corpus) {
      NgramIndex index = new NgramIndex(corpus.vocabulary());
      for (int image = 0; image < corpus.size(); image++) {
        index.add(corpus.candidateWords(image));
        for (int[] reference : corpus.referenceWords(image)) {
          index.add(reference);
        }
      }
      return index;
    }

    private static void set(
        WordNumbers vocabulary, NgramIndex index, String[] words, int count, int[][] counts) {
      if (words.length > CaptionNgrams.ORDERS) {
        return;
      }
      int gram = vocabulary.known(words[0]);
      for (int order = 2; order <= words.length && gram >= 0; order++) {
        int word = vocabulary.known(words[order - 1]);
        gram = word < 0 ? -1 : index.number(order, gram, word);
      }
      if (gram >= 0) {
        counts[words.length - 1][gram] = count;
      }
    }

    private static String words(DocumentFrequencies frequencies, int order, int number) {
      WordNumbers vocabulary = frequencies.corpus().vocabulary();
      if (order == 1) {
        return vocabulary.word(number);
      }
      NgramTable table = frequencies.index().table(order);
      return words(frequencies, order - 1, table.start(number))
          + " "
          + vocabulary.word(table.lastWord(number));
    }
  }
}
