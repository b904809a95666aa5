package dev.vignette.eval.tokenize;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;

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
  public TokenizedCaptions tokenize(List<String> captions, Tokenization mode) {
    return switch (mode) {
      case COMPAT -> together(captions);
      case STRICT -> new TokenizedCaptions(alone(captions), List.of(), List.of(), List.of());
    };
  }

  /**
   * Whether a caption holds a line break other than the line feed, which makes the reference
   * misplace captions.
   */
  static boolean hasOddLineBreak(String caption) {
    return caption.chars().anyMatch(c -> c != '\n' && LINE_BREAKS.indexOf(c) >= 0);
  }

  private List<String> alone(List<String> captions) {
    List<String> lines = new ArrayList<>(captions.size());
    for (String caption : captions) {
      TokenLines found = new TokenLines();
      tokenizer.tokenize(onOneLine(caption), found);
      found.finish();
      lines.add(String.join(" ", found.lines()));
    }
    return lines;
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

  private TokenizedCaptions together(List<String> captions) {
    StringBuilder text = new StringBuilder();
    List<Integer> starts = new ArrayList<>(captions.size());
    for (String caption : captions) {
      if (!starts.isEmpty()) {
        text.append('\n');
      }
      starts.add(text.length());
      text.append(caption.replace('\n', ' '));
    }
    TokenLines found = new TokenLines();
    tokenizer.tokenize(text.toString(), found);
    found.finish();
    return paired(starts, found);
  }

  /** The reference gives the first line to the first caption and so on, whatever their number. */
  private static TokenizedCaptions paired(List<Integer> starts, TokenLines found) {
    int[] owners = found.starts().stream().mapToInt(position -> owner(starts, position)).toArray();
    int count = starts.size();
    List<String> lines = new ArrayList<>(count);
    List<Integer> misplaced = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean there = i < owners.length;
      lines.add(there ? found.lines().get(i) : "");
      if (!there || owners[i] != i) {
        misplaced.add(i);
      }
    }
    List<Integer> breaking = new ArrayList<>();
    BitSet kept = new BitSet(count);
    for (int i = 0; i < owners.length; i++) {
      if (i > 0 && owners[i] == owners[i - 1]) {
        breaking.add(owners[i]);
      }
      if (i < count) {
        kept.set(owners[i]);
      }
    }
    List<Integer> dropped = new ArrayList<>();
    for (int i = kept.nextClearBit(0); i < count; i = kept.nextClearBit(i + 1)) {
      dropped.add(i);
    }
    return new TokenizedCaptions(lines, breaking.stream().distinct().toList(), misplaced, dropped);
  }

  /** The caption that holds a position of the text. */
  private static int owner(List<Integer> starts, int position) {
    int found = Collections.binarySearch(starts, position);
    return found >= 0 ? found : -found - 2;
  }
}
