package dev.vignette.eval.tokenize;

import java.util.List;

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
