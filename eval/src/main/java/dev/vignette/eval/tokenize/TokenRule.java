package dev.vignette.eval.tokenize;

import static dev.vignette.eval.tokenize.Extent.BEFORE_CLITIC;
import static dev.vignette.eval.tokenize.Extent.BEFORE_NOT;
import static dev.vignette.eval.tokenize.Extent.BUT_LAST;
import static dev.vignette.eval.tokenize.Extent.BUT_LAST_TWO;
import static dev.vignette.eval.tokenize.Extent.FIRST;
import static dev.vignette.eval.tokenize.Extent.FIRST_PERIOD;
import static dev.vignette.eval.tokenize.Extent.FIRST_THREE;
import static dev.vignette.eval.tokenize.Extent.FIRST_TWO;
import static dev.vignette.eval.tokenize.Extent.PERIOD_TWICE;
import static dev.vignette.eval.tokenize.Extent.WHOLE;
import static dev.vignette.eval.tokenize.Extent.WHOLE_PERIOD_TWICE;
import static dev.vignette.eval.tokenize.Spelling.AMPERSAND;
import static dev.vignette.eval.tokenize.Spelling.NO_BREAK;
import static dev.vignette.eval.tokenize.Spelling.NO_BREAK_BRACKETS;
import static dev.vignette.eval.tokenize.Spelling.NO_SOFT_HYPHEN;
import static dev.vignette.eval.tokenize.Spelling.PLAIN;

/**
 * What a token of English text is. The longest match wins, and of equals the rule named first.
 *
 * <p>The Penn Treebank's conventions as CoreNLP 3.4.1's {@code PTBTokenizer} applies them, with its
 * peculiarities, since published figures rest on them. Written from its documentation and from what
 * it answers: all character kinds in all pairs of contexts, all strings of up to 4 to 8 characters
 * of 24 alphabets, all words of up to five letters, and a dictionary in 60 contexts. No code of it
 * was used.
 */
enum TokenRule {
  MARKUP("{tag}", WHOLE, NO_BREAK),
  SPACE("{space}+|(?i:&nbsp;)", WHOLE, Spelling.NOTHING),
  LINE_END("\r\n?|[\n\u000b\f\u2028]", WHOLE, Spelling.LINE_END),

  // Contractions come apart: can not, gon na, 't is, do n't, dog 's, y' all.
  CAN_NOT("(?i:cannot|gimme|gonna|gotta|lemme|wanna)", FIRST_THREE, PLAIN),
  IT_IS("(?i:'tis|'twas)", FIRST_TWO, PLAIN),
  VERB("[A-Za-z\u00ad]*[A-MO-Za-mo-z]\u00ad*[nN]{quote}[tT]", BEFORE_NOT, NO_SOFT_HYPHEN),
  STEM("({word}|{dotted}){apostrophe}{clitic}", BEFORE_CLITIC, NO_SOFT_HYPHEN),
  YOU("[yY]{apostrophe}{letter}", BUT_LAST, PLAIN),
  NOT("[nN]{quote}[tT]", WHOLE, Spelling.NOT),
  CLITIC("{apostrophe}{clitic}[^A-Za-z]", BUT_LAST, Spelling.APOSTROPHE),
  CLITIC_LAST("{apostrophe}[sSmMdD]", WHOLE, Spelling.APOSTROPHE),

  WORD("{word}", WHOLE, NO_SOFT_HYPHEN),
  // A period before a comma or colon stays with the word before it.
  WORD_PERIOD("({word}|{dotted}|{joined}|{hyphenated})\\.{comma}", BUT_LAST, NO_SOFT_HYPHEN),
  NAME_PERIOD("{ampersand}\\.{comma}", BUT_LAST, AMPERSAND),
  ELIDED("[dDjJlL]{apostrophe}", WHOLE, PLAIN),
  AND("{apostrophe}[nN]{apostrophe}?", WHOLE, PLAIN),
  CLIPPED("{apostrophe}(?i:cause|em|till?)", WHOLE, PLAIN),
  SHORT("{short}|{short-end}{apostrophe}|[cC]{apostrophe}(?i:est)", WHOLE, PLAIN),
  CAPTAIN("(?i:cap){apostrophe}[nN]|[oO]{quote}[oO]", WHOLE, PLAIN),
  FOREIGN("[A-HJ-XZn]{quote}{letter}{letter}+", WHOLE, PLAIN),
  VOWELS("{letter}+[aeiouyAEIOUY]{quote}[aeiouA-Z]{letter}*", WHOLE, PLAIN),
  DOTTED("{dotted}", WHOLE, NO_SOFT_HYPHEN),

  URL("(?i:https?)://{url-char}+{url-end}", WHOLE, PLAIN),
  SITE("({www}|{site}){path}?", WHOLE, PLAIN),
  MAIL("(<|(?i:&lt;))?[a-zA-Z0-9]{mail-char}*@{mail-host}(>|(?i:&gt;))?", WHOLE, PLAIN),
  HANDLE("@[a-zA-Z_][a-zA-Z_0-9]*", WHOLE, PLAIN),
  HASHTAG("#{in-word}+", WHOLE, PLAIN),

  DATE("{digit}{1,2}[-/]{digit}{1,2}[-/]{digit}{2,4}", WHOLE, PLAIN),
  NUMBER("[-+]?{number}", WHOLE, NO_SOFT_HYPHEN),
  FRACTION(
      "({digit}{1,4}[- \u00a0])?{digit}{1,4}(\\\\?/|\u2044){digit}{1,4}", WHOLE, NO_BREAK_BRACKETS),
  PHONE("{phone}", WHOLE, NO_BREAK_BRACKETS),
  DECADE("{apostrophe}[2-9]0[sS]", WHOLE, PLAIN),
  YEAR("{apostrophe}[0-9]{2}{blank}", BUT_LAST, PLAIN),
  DOLLARS("[A-Z]*\\$", WHOLE, PLAIN),
  FRACTION_SIGN("\u00bd", WHOLE, Spelling.FRACTION),
  CURRENCY("[\u20ac\u00a3\u00a2]", WHOLE, Spelling.CURRENCY),

  LANGUAGE("[cC]\\+\\+|[cCfF]#", WHOLE, PLAIN),
  JOINED("{joined}", WHOLE, NO_SOFT_HYPHEN),
  PREFIX("(?i:anti|pro)-", WHOLE, PLAIN),
  SLASHED("{slash-part}(\\\\?/{slash-part}){1,2}", WHOLE, PLAIN),
  COMPANY("{ampersand}|[sS](&|(?i:&amp;))[lL][sS]", WHOLE, AMPERSAND),

  // Single letters, acronyms and abbreviations keep their period, and where a sentence ends with
  // one, the period counts twice.
  INITIAL_LAST("[A-Za-z]\\.{sentence-start}", FIRST, PLAIN),
  INITIAL("[A-Za-z]\\.", WHOLE, PLAIN),
  ACRONYM_LAST("({acronym}|{relation}){sentence-start}", PERIOD_TWICE, PLAIN),
  ACRONYM("{acronym}", WHOLE, PLAIN),
  TITLE("{title}\\.", WHOLE, PLAIN),
  ABBREVIATION_LAST("{abbreviation}\\.{sentence-end}", PERIOD_TWICE, PLAIN),
  ABBREVIATION("{abbreviation}\\.[^][^]", BUT_LAST_TWO, PLAIN),
  ABBREVIATION_COMMA("{abbreviation}\\.{comma}", BUT_LAST, PLAIN),
  ABBREVIATION_AT_END("{abbreviation}\\.", WHOLE_PERIOD_TWICE, PLAIN),
  COUNTED("{counted}\\.({blank}?{digit}|{comma})", FIRST_PERIOD, PLAIN),
  HYPHENATED("{hyphenated}", WHOLE, NO_SOFT_HYPHEN),
  FILE("{file-part}(\\.{file-part})*\\.{file-type}({blank}|[.?!,])", BUT_LAST, PLAIN),

  SMILEY("[<>]?[:;=][-o*']?[()DPdpO\\\\{@|\\[\\]][^A-Za-z0-9]", BUT_LAST, NO_BREAK_BRACKETS),
  FACE("{eye}_{eye}|\\({eye}[_.]?{eye}\\)|\\([\\^x=~<>']-[\\^x=~<>']\\)", WHOLE, NO_BREAK_BRACKETS),
  DOTS("\\.{3,5}|\\.([ \u00a0]\\.){2,4}|[\u2026\u0085]", WHOLE, Spelling.DOTS),
  DASHES("-{2,4}|\u2014|(?i:&mdash;|&ndash;|&MD;)", WHOLE, Spelling.DASHES),
  RUN("[!?]+|#+|@+|\\*+|_+|-+|<<|>>|\u00b2+|\\\\\\*", WHOLE, PLAIN),
  OPEN_DOUBLE("(\"|(?i:&quot;))[A-Za-z0-9$]", BUT_LAST, Spelling.OPEN_DOUBLE),
  CLOSE_DOUBLE("\"|(?i:&quot;)", WHOLE, Spelling.CLOSE_DOUBLE),
  OPEN_SINGLE("'[A-Za-z][^ \t\n\r\u00a0]", FIRST, Spelling.OPEN_SINGLE),
  CLOSE_SINGLE("'{1,2}|(?i:&apos;)", WHOLE, Spelling.APOSTROPHE),
  CLITIC_AT_END("{apostrophe}(?i:ll|re|ve)", WHOLE, Spelling.APOSTROPHE),
  QUOTES("[`\u2018\u2019\u201a\u201c\u201d\u2039\u203a]{1,2}", WHOLE, Spelling.QUOTES),
  ENTITY("(?i:&(amp|lt|gt);)", WHOLE, Spelling.ENTITY),
  OTHER_ENTITY("(?i:&(cdq|ht|lr|odq|qc|ql|qr|tl|ur);)|&#[0-9]+;", WHOLE, PLAIN),
  BRACKET_NAME("-(?i:[lr][crs]b)-", WHOLE, PLAIN),
  BRACKET("[(){}\\[\\]]", WHOLE, Spelling.BRACKET),
  SYMBOL("[!-/:-@\\[-`{-~\u00a1\u2044\u3001\u24b6]", WHOLE, PLAIN);

  private final String pattern;
  private final Extent extent;
  private final Spelling spelling;

  TokenRule(String pattern, Extent extent, Spelling spelling) {
    this.pattern = pattern;
    this.extent = extent;
    this.spelling = spelling;
  }

  /** What it matches, in the notation of {@link RuleParser}. */
  String pattern() {
    return pattern;
  }

  /** Which part of what it matches is the token. */
  Extent extent() {
    return extent;
  }

  /** How the token is written. */
  Spelling spelling() {
    return spelling;
  }
}
