package dev.vignette.files.sentences;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Names in a sentence: the first ten and how many there are. */
public final class NameList {
  private static final int SHOWN = 10;

  private NameList() {}

  /** {@code images without a prediction (12): a, b, c, … and 9 more}. */
  public static String of(String what, List<String> names) {
    return of(what, names.size(), names::get);
  }

  /** The same of names that are made when they are shown. */
  public static String of(String what, int count, IntFunction<String> name) {
    String shown =
        IntStream.range(0, Math.min(SHOWN, count)).mapToObj(name).collect(Collectors.joining(", "));
    String more = count > SHOWN ? ", … and " + (count - SHOWN) + " more" : "";
    return what + " (" + count + "): " + shown + more;
  }
}
