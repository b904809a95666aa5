package dev.vignette.eval.tokenize;

import dev.vignette.eval.tokenize.CaptionTokenizer.LinePlaces;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * Gives the first line of tokens to the first caption and so on, whatever their number, as the
 * reference does, and notes which captions the lines really are of.
 */
final class LinePairing implements TokenLines.Lines {
  private final List<String> captions;
  private final Consumer<String> out;
  private final List<Integer> breaking = new ArrayList<>();
  private final List<Integer> misplaced = new ArrayList<>();
  private final BitSet kept;
  private int lines;

  /** The caption that the line before is of, and where in the text that caption starts. */
  private int owner;

  private long ownerStart;

  LinePairing(List<String> captions, Consumer<String> out) {
    this.captions = captions;
    this.out = out;
    kept = new BitSet(captions.size());
  }

  @Override
  public void line(String tokens, long start) {
    int before = lines == 0 ? -1 : owner;
    while (owner + 1 < captions.size() && end() < start) {
      ownerStart = end() + 1;
      owner++;
    }
    if (owner == before && (breaking.isEmpty() || breaking.getLast() != owner)) {
      breaking.add(owner);
    }
    if (lines < captions.size()) {
      out.accept(tokens);
      kept.set(owner);
      if (owner != lines) {
        misplaced.add(lines);
      }
    }
    lines++;
  }

  /** Where the caption of the line before ends, which is where its line feed is. */
  private long end() {
    return ownerStart + captions.get(owner).length();
  }

  /** Gives empty lines to the captions that got none. */
  LinePlaces finish() {
    for (; lines < captions.size(); lines++) {
      out.accept("");
      misplaced.add(lines);
    }
    List<Integer> dropped = new ArrayList<>();
    int count = captions.size();
    for (int i = kept.nextClearBit(0); i < count; i = kept.nextClearBit(i + 1)) {
      dropped.add(i);
    }
    return new LinePlaces(breaking, misplaced, dropped);
  }
}
