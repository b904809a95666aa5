package dev.vignette.eval.tokenize;

import java.util.List;

/**
 * Captions as tokens.
 *
 * @param lines a line a caption, in their order: lower-case tokens without punctuation, joined by
 *     single spaces
 * @param breaking the captions, by index, that hold a line break that the reference takes for the
 *     end of a caption
 * @param misplaced the captions, by index, whose line holds the words of another caption
 * @param dropped the captions, by index, whose words are in no line
 */
record TokenizedCaptions(
    List<String> lines, List<Integer> breaking, List<Integer> misplaced, List<Integer> dropped) {

  public TokenizedCaptions {
    lines = List.copyOf(lines);
    breaking = List.copyOf(breaking);
    misplaced = List.copyOf(misplaced);
    dropped = List.copyOf(dropped);
  }
}
