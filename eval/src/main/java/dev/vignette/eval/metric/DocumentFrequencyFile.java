package dev.vignette.eval.metric;

import dev.vignette.captions.ReadFault;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.MalformedDataException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Document frequencies in a file, so that figures of different corpora can be compared: UTF-8 text,
 * first {@code vignette-cider-df 1}, then {@code documents N}, then a line an n-gram, {@code
 * count}, a tab, its words joined by spaces.
 */
public final class DocumentFrequencyFile {
  private static final String MAGIC = "vignette-cider-df 1";
  private static final String DOCUMENTS = "documents ";

  private DocumentFrequencyFile() {}

  /** Saves what is counted of a corpus; n-grams that no reference has are left out. */
  public static void write(Path file, CaptionCorpus corpus, DocumentFrequencies frequencies) {
    AtomicFile.write(
        file,
        out -> {
          Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
          writer.write(MAGIC + "\n" + DOCUMENTS + frequencies.documents() + "\n");
          for (int order = 1; order <= CaptionNgrams.ORDERS; order++) {
            int[] counts = frequencies.counts()[order - 1];
            for (int number = 0; number < counts.length; number++) {
              if (counts[number] > 0) {
                writer.write(counts[number] + "\t" + words(corpus, order, number) + "\n");
              }
            }
          }
          writer.flush();
        });
  }

  /**
   * Loads the frequencies of the n-grams of a corpus; those that the file lacks count 0.
   *
   * @throws MalformedDataException when the file is not of this format; the message names the line
   * @throws UncheckedIOException when it cannot be read
   */
  public static DocumentFrequencies read(Path file, CaptionCorpus corpus) {
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      if (!MAGIC.equals(lines.readLine())) {
        throw new MalformedDataException(
            "%s holds no document frequencies: its first line is not \"%s\". Make it with --save-cider-df."
                .formatted(file, MAGIC));
      }
      String second = lines.readLine();
      int documents =
          second != null && second.startsWith(DOCUMENTS)
              ? number(file, 2, second.substring(DOCUMENTS.length()), Integer.MAX_VALUE)
              : number(file, 2, "", Integer.MAX_VALUE);
      int[][] counts = new int[CaptionNgrams.ORDERS][];
      for (int order = 1; order <= CaptionNgrams.ORDERS; order++) {
        counts[order - 1] = new int[corpus.distinct(order)];
      }
      int number = 3;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int tab = line.indexOf('\t');
        int count = number(file, number, line.substring(0, Math.max(tab, 0)), documents);
        set(corpus, line.substring(tab + 1).split(" ", -1), count, counts);
        number++;
      }
      return new DocumentFrequencies(documents, counts);
    } catch (IOException e) {
      throw ReadFault.unreadable(file, e);
    }
  }

  private static int number(Path file, int line, String text, int most) {
    try {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, with what stands there.
    }
    throw new MalformedDataException(
        "%s, line %d: a count from 1 to %d should stand here, not \"%s\". Make the file again with --save-cider-df."
            .formatted(file, line, most, text));
  }

  private static void set(CaptionCorpus corpus, String[] words, int count, int[][] counts) {
    if (words.length > CaptionNgrams.ORDERS) {
      return;
    }
    int gram = corpus.vocabulary().known(words[0]);
    for (int order = 2; order <= words.length && gram >= 0; order++) {
      int word = corpus.vocabulary().known(words[order - 1]);
      gram = word < 0 ? -1 : corpus.table(order).known(gram, word);
    }
    if (gram >= 0) {
      counts[words.length - 1][gram] = count;
    }
  }

  private static String words(CaptionCorpus corpus, int order, int number) {
    if (order == 1) {
      return corpus.vocabulary().word(number);
    }
    NgramTable table = corpus.table(order);
    return words(corpus, order - 1, table.start(number))
        + " "
        + corpus.vocabulary().word(table.lastWord(number));
  }
}
