package dev.vignette.eval.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The own tokenizer against CoreNLP 3.4.1, token by token. */
class CoreNlpOracleTest {
  private static final TextTokenizer OWN = new PtbTokenizer();
  private static final TextTokenizer ORACLE = new CoreNlpTokenizer();

  @BeforeAll
  static void theOracleIsTheVersionOfTheReference() {
    assertThat(ORACLE.name()).isEqualTo("stanford-corenlp-3.4.1");
  }

  /** All tokens of a text, and the ends of its lines with where the next line starts. */
  private static List<String> tokens(TextTokenizer tokenizer, String text) {
    List<String> tokens = new ArrayList<>();
    tokenizer.tokenize(
        text,
        new TokenSink() {
          @Override
          public void token(String written) {
            tokens.add(written);
          }

          @Override
          public void lineEnd(long next) {
            tokens.add("*NL*" + next);
          }
        });
    return tokens;
  }

  /** Compares; a failure shows the first difference and what stands before it. */
  private static void assertSameTokens(String text) {
    List<String> own = tokens(OWN, text);
    List<String> oracle = tokens(ORACLE, text);
    int same = 0;
    while (same < Math.min(own.size(), oracle.size()) && own.get(same).equals(oracle.get(same))) {
      same++;
    }
    int from = Math.max(0, same - 5);
    assertThat(own.subList(from, Math.min(own.size(), same + 3)))
        .isEqualTo(oracle.subList(from, Math.min(oracle.size(), same + 3)));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void tenThousandHardCaptionsAsOneTextGiveTheSameTokens(long seed) {
    List<String> captions = new CaptionTexts(seed).captions(10_000);
    assertSameTokens(String.join("\n", captions));
  }

  @Test
  void hardCaptionsAloneGiveTheSameTokens() {
    for (String caption : new CaptionTexts(5).captions(10_000)) {
      assertSameTokens(caption);
    }
  }

  @Test
  void everyCharacterGivesTheSameTokensInSeveralContexts() {
    for (String context : List.of("a~b", "1~2", " ~ ", "~~", "etc. ~A x", "$~", "x.~, y")) {
      StringBuilder text = new StringBuilder();
      for (char c = 1; c < Character.MAX_VALUE; c++) {
        text.append(context.replace('~', c)).append(" ;\n");
      }
      assertSameTokens(text.toString());
    }
  }

  @Test
  void randomStringsOfHardCharactersGiveTheSameTokens() {
    String alphabet =
        "aAbsStTnN1250.,:;-_'\"`/\\&@#$%*+=<>()[]{}!?^|~ \t\né\u00c9\u0301\u00ad\u2019\u201c\u2013"
            + "\u2026\u00a0\u3000\u0660\u00bd\u20ac\u2010\u2044\u0085\u2028\r\u4e00\ud83d\u00b0";
    Random random = new Random(42);
    for (int i = 0; i < 100_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = 1 + random.nextInt(10); n > 0; n--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      assertSameTokens(text.toString());
    }
  }

  @Test
  void namesOfBracketsAloneAndGluedToWordsGiveTheSameTokens() {
    String[] names = {
      "-LRB-", "-RRB-", "-LSB-", "-RSB-", "-LCB-", "-RCB-", "-lrb-", "-rrb-", "-lcb-", "-Lrb-",
      "-LAB-", "LRB-", "-LRB"
    };
    String[] around = {
      "",
      "",
      " ",
      "a",
      "dog",
      "'s",
      "n't",
      ".",
      ",",
      "-",
      "--",
      "_",
      "/",
      "$",
      "5",
      "1/2",
      "\n",
      "'",
      "\"",
      "(",
      ")",
      "\u00e9",
      "U.S.",
      "etc.",
      "x.jpg",
      "@",
      "#",
      "*",
      "<b>",
      "\u00ad",
      "\u2019",
      "-year-old",
      "http://a.b/",
      "foo@bar.com",
      "&amp;",
      "R&B",
      "\u00a0",
      " The "
    };
    Random random = new Random(8);
    for (int i = 0; i < 8_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = 1 + random.nextInt(4); n > 0; n--) {
        text.append(around[random.nextInt(around.length)])
            .append(names[random.nextInt(names.length)])
            .append(around[random.nextInt(around.length)])
            .append(around[random.nextInt(around.length)]);
      }
      assertSameTokens(text.toString());
    }
  }

  @Test
  void theOracleServesCaptionsToo() {
    CaptionTokenizer captions = CaptionTokenizer.coreNlp();
    assertThat(captions.tokenize(List.of("Don't, he says."), Tokenization.COMPAT).lines())
        .containsExactly("do n't he says");
    assertThat(captions.name()).isEqualTo("stanford-corenlp-3.4.1");
  }
}
