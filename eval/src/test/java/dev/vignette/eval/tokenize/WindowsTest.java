package dev.vignette.eval.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A text that is read in windows has the tokens of the whole. */
class WindowsTest {
  private static final TextTokenizer WHOLE = new PtbTokenizer();

  private static final class Found implements TokenSink {
    private final List<String> tokens = new ArrayList<>();

    @Override
    public void token(String written) {
      tokens.add(written);
    }

    @Override
    public void lineEnd(long next) {
      tokens.add("*NL*" + next);
    }
  }

  private static List<String> inWindows(int window, String text) throws IOException {
    Found found = new Found();
    new PtbTokenizer(window).tokenize(new StringReader(text), found);
    return found.tokens;
  }

  private static List<String> whole(String text) {
    Found found = new Found();
    WHOLE.tokenize(text, found);
    return found.tokens;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 64, 1000})
  void hardCaptionsHaveTheSameTokensInWindowsOfAnySize(int window) throws IOException {
    String text = String.join("\n", new CaptionTexts(window).captions(2_000));
    assertThat(inWindows(window, text)).isEqualTo(whole(text));
  }

  @Test
  void aTokenThatDependsOnTheNextLineHoldsAtEveryEdge() throws IOException {
    String text = "A man reads K.\nThe U.S.\n a tag <a href=\"x\ny\"> at 5 p.m.\n\nHe";
    for (int window = 1; window <= text.length() + 1; window++) {
      assertThat(inWindows(window, text)).as("window " + window).isEqualTo(whole(text));
    }
  }

  @Test
  void anOpenTagOverManyWindowsIsReadToItsEnd() throws IOException {
    String text = "x <a href=\"" + "some words\n".repeat(2_000) + "\"> y\nz <a href=\"open";
    assertThat(inWindows(16, text)).isEqualTo(whole(text)).hasSizeLessThan(20);
  }
}
