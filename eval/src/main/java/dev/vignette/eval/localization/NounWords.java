package dev.vignette.eval.localization;

import dev.vignette.attention.CaptionWord;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The words of a caption that name a thing.
 *
 * @param from first word
 * @param to the word after the last
 */
record NounWords(int from, int to) {

  /** Where a caption first names a thing, in the singular or the plural, whole words only. */
  static Optional<NounWords> find(List<CaptionWord> words, NamedBoxes thing) {
    for (int from = 0; from < words.size(); from++) {
      for (String name : List.of(thing.word(), thing.plural())) {
        String[] parts = name.toLowerCase(Locale.ROOT).split(" ", -1);
        if (stands(parts, words, from)) {
          return Optional.of(new NounWords(from, from + parts.length));
        }
      }
    }
    return Optional.empty();
  }

  private static boolean stands(String[] parts, List<CaptionWord> words, int from) {
    if (from + parts.length > words.size()) {
      return false;
    }
    for (int i = 0; i < parts.length; i++) {
      if (!words.get(from + i).text().toLowerCase(Locale.ROOT).equals(parts[i])) {
        return false;
      }
    }
    return true;
  }
}
