package dev.vignette.torch.clip;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClipTextTest {
  @Test
  void entitiesAreResolvedTwice() {
    assertThat(ClipText.clean("salt &amp;amp; pepper &lt;b&gt; &#39;x&#x27; &unknown;"))
        .isEqualTo("salt & pepper <b> 'x' &unknown;");
  }

  @Test
  void quotesBecomeStraightAndControlCharactersVanish() {
    assertThat(ClipText.clean("it\u2019s \u201cfine\u201d")).isEqualTo("it's \"fine\"");
    assertThat(ClipText.clean("\ufeffa \u000bdog\u0000")).isEqualTo("a dog");
  }

  @Test
  void fullWidthLettersLigaturesAndC1ControlsBecomeWhatTheyMean() {
    assertThat(ClipText.clean("\uff41\u3000\uff44\uff4f\uff47")).isEqualTo("a dog");
    assertThat(ClipText.clean("\ufb01ne")).isEqualTo("fine");
    assertThat(ClipText.clean("a man\u0085 riding")).isEqualTo("a man\u2026 riding");
  }

  @Test
  void ordinaryTextIsLeftAlone() {
    String text = "A caf\u00e9 \u2014 with na\u00efve d\u00e9cor, \ud83d\ude00 & more.";
    assertThat(ClipText.clean(text)).isEqualTo(text);
  }
}
