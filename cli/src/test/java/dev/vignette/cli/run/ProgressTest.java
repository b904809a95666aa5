package dev.vignette.cli.run;

import static dev.vignette.captions.run.ProgressReporter.Step.CAPTIONED;
import static dev.vignette.captions.run.ProgressReporter.Step.FAILED;
import static dev.vignette.captions.run.ProgressReporter.Step.REUSED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.captions.run.ProgressReporter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final StringWriter text = new StringWriter();
  private final PrintWriter out = new PrintWriter(text);

  @Test
  void aLineSaysCountRateAndTimeLeftEachTimeTheIntervalHasPassed() {
    long[] seconds = {100};
    try (ProgressReporter lines =
        new LineProgress(out, Duration.ofSeconds(10), () -> seconds[0] * 1_000_000_000)) {
      lines.started(7210);
      seconds[0] = 105;
      lines.advanced(REUSED);
      lines.advanced(CAPTIONED);
      seconds[0] = 110;
      lines.advanced(CAPTIONED);
      seconds[0] = 119;
      lines.advanced(CAPTIONED);
      seconds[0] = 120;
      lines.advanced(FAILED);
    }

    assertThat(text.toString().lines())
        .containsExactly(
            "3 of 7210 images, 1 reused, 0.2 images/s, about 10:00:35 left",
            "5 of 7210 images, 1 reused, 1 failed, 0.2 images/s, about 13:20:33 left");
  }

  @Test
  void theBarCountsWhatIsCaptioned() {
    try (ProgressReporter bar = new BarProgress(out)) {
      bar.started(4);
      bar.advanced(REUSED);
      bar.advanced(CAPTIONED);
      bar.advanced(FAILED);
      bar.advanced(CAPTIONED);
    }

    assertThat(text.toString()).contains("Captioning", "100%", "2/2", "1 failed", "/s");
  }

  @Test
  void theBarMakesRoomForACaptionOnTheSameTerminal() {
    try (ProgressReporter bar = new BarProgress(out)) {
      bar.started(2);
      bar.whilePrinting(() -> out.println("a cat"));
      bar.advanced(CAPTIONED);
    }

    String before = text.toString().substring(0, text.toString().indexOf("a cat"));
    assertThat(before).matches("(?s).*\\r {79}\\r");
  }

  @Test
  void aSentenceOnTheRunStandsInALineOfItsOwn() {
    try (ProgressReporter bar = new BarProgress(out);
        ProgressReporter lines = new LineProgress(out, Duration.ofSeconds(10), () -> 0)) {
      bar.started(2);
      bar.note("Worker 2 cannot be opened.");
      lines.note("Worker 3 cannot be opened.");
    }

    assertThat(text.toString())
        .containsPattern("\r {79}\rWorker 2 cannot be opened\\.\\R")
        .containsPattern("(?m)^Worker 3 cannot be opened\\.\\R");
  }

  @Test
  void silenceSaysNothing() {
    try (ProgressReporter silent = ProgressReporter.silent()) {
      silent.started(1);
      silent.advanced(CAPTIONED);
    }

    assertThat(text.toString()).isEmpty();
  }
}
