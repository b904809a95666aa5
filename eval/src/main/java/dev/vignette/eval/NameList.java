package dev.vignette.eval;

import java.util.List;

/** Names in a sentence: the first ten and how many there are. */
public final class NameList {
  private static final int SHOWN = 10;

  private NameList() {}

  /** {@code images without a prediction (12): a, b, c, … and 9 more}. */
  public static String of(String what, List<String> names) {
    String shown = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
    String more = names.size() > SHOWN ? ", … and " + (names.size() - SHOWN) + " more" : "";
    return what + " (" + names.size() + "): " + shown + more;
  }
}
