package dev.vignette.cli.eval;

import dev.vignette.eval.EvalInputs;
import dev.vignette.eval.EvalOptions;
import dev.vignette.eval.EvalReport;
import dev.vignette.eval.Evaluation;
import dev.vignette.eval.ImageFolder;
import dev.vignette.eval.ImageTextScorer;
import dev.vignette.eval.Ranking;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import picocli.CommandLine.Mixin;

/** The options that say how systems of one command are scored and ranked: a picocli mix-in. */
public final class RankingArguments {
  @Mixin private ScoringArguments scoring = new ScoringArguments();
  @Mixin private ClipArguments clip = new ClipArguments();

  /** Writes which metrics there are, if that was asked for. */
  public boolean listed(PrintWriter out) {
    return scoring.listed(out);
  }

  /**
   * Checks, before any work, that the options make sense.
   *
   * @param clipElse the CLIP directory where none is named, if there is one
   * @throws dev.vignette.captions.run.UsageException if not
   */
  public void require(Optional<Path> clipElse) {
    EvalOptions options = scoring.toOptions(clip.given() || clipElse.isPresent(), null);
    if (options.needsImages()) {
      clip.require(clipElse);
    }
  }

  /**
   * Scores systems on the same images and ranks them. Notes on the figures go to {@code err}, each
   * once.
   *
   * @param systems what is scored, by name
   * @param images where the images are
   * @param clipElse the CLIP directory where none is named, if there is one
   */
  public Ranking rank(
      SequencedMap<String, EvalInputs> systems,
      ImageFolder images,
      Optional<Path> clipElse,
      PrintWriter err) {
    EvalOptions options = scoring.toOptions(clip.given() || clipElse.isPresent(), null);
    SequencedMap<String, EvalReport> reports = new LinkedHashMap<>();
    if (options.needsImages()) {
      try (ImageTextScorer scorer = clip.open(clipElse)) {
        systems.forEach((name, inputs) ->
            reports.put(name, Evaluation.of(inputs, options, scorer, images, false)));
      }
    } else {
      systems.forEach((name, inputs) -> reports.put(name, Evaluation.of(inputs, options)));
    }
    SequencedSet<String> notes = new LinkedHashSet<>();
    reports.values().forEach(report -> notes.addAll(report.notes()));
    notes.forEach(note -> err.println("note: " + note));
    err.flush();
    return Ranking.of(reports, options.bootstrap());
  }
}
