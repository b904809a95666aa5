package dev.vignette.cli.eval;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;

/** The options that say how systems of one command are scored and ranked: a picocli mix-in. */
public final class RankingArguments {
  @Mixin private ScoringArguments scoring = new ScoringArguments();
  @Mixin private ClipArguments clip = new ClipArguments();

  /**
   * Writes which metrics there are, if that was asked for.
   *
   * @throws dev.vignette.captions.run.UsageException if there is no metric of a name
   */
  public boolean listed(PrintWriter out) {
    return scoring.listed(out);
  }

  /**
   * How to score.
   *
   * @param clipElse the CLIP directory where none is named, if there is one
   * @throws dev.vignette.captions.run.UsageException if the options make no sense
   */
  public Scoring toScoring(Optional<Path> clipElse) {
    return new Scoring(
        scoring.toOptions(clip.given() || clipElse.isPresent(), null), clip.request(clipElse));
  }
}
