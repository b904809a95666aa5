package dev.vignette.torch.clip;

import java.text.Normalizer;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What OpenAI's CLIP does to a text before its tokenizer ({@code clip/simple_tokenizer.py}, {@code
 * basic_clean}): HTML entities, and of ftfy 6.3's repairs those that concern single characters
 * (control characters, curly quotes, ligatures, full-width letters). Text decoded wrongly is left
 * as it is.
 */
final class ClipText {
  private static final Pattern ENTITY = Pattern.compile("&(#\\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\\w+);");
  private static final Map<String, String> NAMED =
      Map.ofEntries(
          Map.entry("amp", "&"),
          Map.entry("lt", "<"),
          Map.entry("gt", ">"),
          Map.entry("quot", "\""),
          Map.entry("apos", "'"),
          Map.entry("nbsp", "\u00a0"),
          Map.entry("copy", "\u00a9"),
          Map.entry("reg", "\u00ae"),
          Map.entry("deg", "\u00b0"),
          Map.entry("eacute", "\u00e9"),
          Map.entry("egrave", "\u00e8"),
          Map.entry("ntilde", "\u00f1"),
          Map.entry("ouml", "\u00f6"),
          Map.entry("uuml", "\u00fc"),
          Map.entry("frac12", "\u00bd"),
          Map.entry("ndash", "\u2013"),
          Map.entry("mdash", "\u2014"),
          Map.entry("lsquo", "\u2018"),
          Map.entry("rsquo", "\u2019"),
          Map.entry("ldquo", "\u201c"),
          Map.entry("rdquo", "\u201d"),
          Map.entry("hellip", "\u2026"),
          Map.entry("trade", "\u2122"));
  private static final Pattern SINGLE_QUOTES = Pattern.compile("[\u02bc\u2018-\u201b]");
  private static final Pattern DOUBLE_QUOTES = Pattern.compile("[\u201c-\u201f]");
  private static final Pattern CONTROLS =
      Pattern.compile("[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f\u206a-\u206f\ufeff\ufff9-\ufffc]");
  private static final Pattern COMPATIBLE =
      Pattern.compile("[\u3000\uff01-\uffef\ufb00-\ufb06\u0132\u0133\u01c4-\u01cc\u01f1-\u01f3]");

  /** Windows-1252's characters at 0x80 to 0x9F; blank where it has none. */
  private static final String C1 =
      "\u20ac \u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152 \u017d  \u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153 \u017e\u0178";

  private ClipText() {}

  /** The text as the tokenizer gets it; case and spaces are the tokenizer's. */
  static String clean(String text) {
    String clean = unescape(unescape(fixC1(text)));
    clean = replaceEach(COMPATIBLE, clean);
    clean = SINGLE_QUOTES.matcher(clean).replaceAll("'");
    clean = DOUBLE_QUOTES.matcher(clean).replaceAll("\"");
    clean = CONTROLS.matcher(clean).replaceAll("");
    return Normalizer.normalize(clean, Normalizer.Form.NFC).strip();
  }

  private static String fixC1(String text) {
    StringBuilder fixed = new StringBuilder(text);
    for (int i = 0; i < fixed.length(); i++) {
      char c = fixed.charAt(i);
      if (c >= 0x80 && c <= 0x9f && C1.charAt(c - 0x80) != ' ') {
        fixed.setCharAt(i, C1.charAt(c - 0x80));
      }
    }
    return fixed.toString();
  }

  private static String replaceEach(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .replaceAll(found ->
            Matcher.quoteReplacement(Normalizer.normalize(found.group(), Normalizer.Form.NFKC)));
  }

  private static String unescape(String text) {
    return ENTITY
        .matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(character(found.group(1), found.group())));
  }

  private static String character(String name, String entity) {
    if (!name.startsWith("#")) {
      return NAMED.getOrDefault(name, entity);
    }
    boolean hexadecimal = name.charAt(1) == 'x' || name.charAt(1) == 'X';
    int code = Integer.parseInt(name.substring(hexadecimal ? 2 : 1), hexadecimal ? 16 : 10);
    return Character.isValidCodePoint(code) ? Character.toString(code) : "\ufffd";
  }
}
