package dev.vignette.eval.tokenize;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Captions to tokens as pycocoevalcap's {@code PTBTokenizer} does it: Penn Treebank rules, lower
 * case, punctuation removed. Safe for use by several threads.
 */
public final class CaptionTokenizer {
  private static final String LINE_BREAKS = "\n\r\u000b\f\u2028\u2029";

  private final TextTokenizer tokenizer;

  private CaptionTokenizer(TextTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** The tokenizer of this project. */
  public static CaptionTokenizer own() {
    return new CaptionTokenizer(new PtbTokenizer());
  }

  /**
   * The tokenizer of Stanford CoreNLP, of the version on the class path.
   *
   * @throws IllegalStateException when it is not on the class path
   */
  public static CaptionTokenizer coreNlp() {
    return new CaptionTokenizer(new CoreNlpTokenizer());
  }

  /** Which tokenizer it is, for fingerprints. */
  public String name() {
    return tokenizer.name();
  }

  /** Tokenizes captions, together or each alone. */
  TokenizedCaptions tokenize(List<String> captions, Tokenization mode) {
    List<String> lines = new ArrayList<>(captions.size());
    LinePlaces places = tokenize(captions, mode, lines::add);
    return new TokenizedCaptions(lines, places.breaking(), places.misplaced(), places.dropped());
  }

  /**
   * Tokenizes any number of captions, together or each alone, and holds few of them at a time.
   *
   * @param lines receives a line of tokens for each caption, in their order
   * @return which captions are not where they belong
   */
  public LinePlaces tokenize(List<String> captions, Tokenization mode, Consumer<String> lines) {
    return switch (mode) {
      case COMPAT -> together(captions, lines);
      case STRICT -> {
        alone(captions, lines);
        yield new LinePlaces(List.of(), List.of(), List.of());
      }
    };
  }

  /**
   * Whether a caption holds a line break other than the line feed, which makes the reference
   * misplace captions.
   */
  static boolean hasOddLineBreak(String caption) {
    return caption.chars().anyMatch(c -> c != '\n' && LINE_BREAKS.indexOf(c) >= 0);
  }

  private void alone(List<String> captions, Consumer<String> lines) {
    for (String caption : captions) {
      List<String> found = new ArrayList<>(1);
      TokenLines tokens = new TokenLines((line, start) -> found.add(line));
      tokenizer.tokenize(onOneLine(caption), tokens);
      tokens.finish();
      lines.accept(String.join(" ", found));
    }
  }

  private static String onOneLine(String caption) {
    StringBuilder line = new StringBuilder(caption);
    for (int i = 0; i < line.length(); i++) {
      if (LINE_BREAKS.indexOf(line.charAt(i)) >= 0) {
        line.setCharAt(i, ' ');
      }
    }
    return line.toString();
  }

  private LinePlaces together(List<String> captions, Consumer<String> lines) {
    LinePairing pairing = new LinePairing(captions, lines);
    TokenLines tokens = new TokenLines(pairing);
    try (CaptionText text = new CaptionText(captions)) {
      tokenizer.tokenize(text, tokens);
    } catch (IOException e) {
      throw new UncheckedIOException("Captions in memory cannot be read", e);
    }
    tokens.finish();
    return pairing.finish();
  }

  /**
   * Which captions are not where they belong when they are tokenized as one text.
   *
   * @param breaking the captions, by index, that hold a line break that the reference takes for the
   *     end of a caption
   * @param misplaced the captions, by index, whose line holds the words of another caption
   * @param dropped the captions, by index, whose words are in no line
   */
  public record LinePlaces(List<Integer> breaking, List<Integer> misplaced, List<Integer> dropped) {

    public LinePlaces {
      breaking = List.copyOf(breaking);
      misplaced = List.copyOf(misplaced);
      dropped = List.copyOf(dropped);
    }
  }
}
