package dev.vignette.captioner.train;

import dev.vignette.captions.Predictions;
import java.util.List;

/** A few validation images with their captions and references, in Markdown. */
final class SampleSheet {
  private static final int SHOWN = 12;

  private SampleSheet() {}

  static String of(int epoch, List<Sample> samples, Predictions predictions) {
    StringBuilder text = new StringBuilder("# Samples of epoch %d%n%n".formatted(epoch));
    text.append("| image | caption | a reference |\n|---|---|---|\n");
    for (Sample sample : samples.subList(0, Math.min(SHOWN, samples.size()))) {
      text.append(
          "| %s | %s | %s |%n"
              .formatted(
                  sample.stem(),
                  cell(predictions.caption(sample.stem()).orElse("")),
                  cell(sample.captions().getFirst())));
    }
    return text.toString();
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replaceAll("\\s+", " ").strip();
  }
}
