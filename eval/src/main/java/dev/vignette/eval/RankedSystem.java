package dev.vignette.eval;

import dev.vignette.eval.metric.PairedDifference;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A system with its place in a {@link Ranking}.
 *
 * @param name what to call it
 * @param report its figures
 * @param meanWords words of a caption on average, between white space
 * @param distinct how many different captions it made
 * @param fromBest how it differs from the best system, by metric; empty for the best itself
 */
public record RankedSystem(
    String name,
    EvalReport report,
    double meanWords,
    int distinct,
    Map<String, PairedDifference> fromBest) {
  private static final Pattern SPACE = Pattern.compile("\\s+");

  public RankedSystem {
    fromBest = Collections.unmodifiableMap(new LinkedHashMap<>(fromBest));
  }

  static RankedSystem of(String name, EvalReport report, Map<String, PairedDifference> fromBest) {
    List<String> captions = report.images().stream().map(ScoredImage::caption).toList();
    Set<String> distinct = new HashSet<>(captions);
    double words = captions.stream().mapToInt(RankedSystem::words).average().orElse(0);
    return new RankedSystem(name, report, words, distinct.size(), fromBest);
  }

  private static int words(String caption) {
    return caption.isBlank() ? 0 : SPACE.split(caption.strip()).length;
  }
}
