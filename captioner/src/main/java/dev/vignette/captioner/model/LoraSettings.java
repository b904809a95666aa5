package dev.vignette.captioner.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Low-rank adaptation as PEFT configures it.
 *
 * @param rank r of every adapter without a pattern of its own
 * @param alpha the scale is alpha/r, or alpha/√r with rsLoRA
 * @param dropout probability before A, on linear maps only
 * @param rankStabilized rsLoRA
 * @param targets modules to adapt: full names or their last parts ({@code c_attn}, {@code lm_head})
 * @param rankPattern ranks by regular expression on the end of a module's name
 * @param alphaPattern alphas likewise
 */
public record LoraSettings(
    int rank,
    double alpha,
    double dropout,
    boolean rankStabilized,
    List<String> targets,
    Map<String, Integer> rankPattern,
    Map<String, Double> alphaPattern) {
  public LoraSettings {
    requireRank(rank, "lora.rank");
    rankPattern.forEach((pattern, value) -> requireRank(value, "lora.rank_pattern." + pattern));
    if (!(alpha > 0) || !(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          "lora.alpha must be > 0 and lora.dropout in [0, 1): they are %s and %s"
              .formatted(alpha, dropout));
    }
    targets = List.copyOf(targets);
    rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
    alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
    rankPattern.keySet().forEach(LoraSettings::pattern);
    alphaPattern.keySet().forEach(LoraSettings::pattern);
  }

  private static void requireRank(int rank, String name) {
    if (rank < 1) {
      throw new IllegalArgumentException("%s must be >= 1, not %d".formatted(name, rank));
    }
  }

  /** Whether a module is adapted. */
  boolean adapts(String module) {
    return targets.stream().anyMatch(t -> module.equals(t) || module.endsWith("." + t));
  }

  /** The rank of a module's adapter; the first pattern that matches wins (PEFT 0.19). */
  int rankOf(String module) {
    return firstMatch(rankPattern, module, rank);
  }

  /** What multiplies a module's adapter. */
  double scaleOf(String module) {
    double ownAlpha = firstMatch(alphaPattern, module, alpha);
    int ownRank = rankOf(module);
    return ownAlpha / (rankStabilized ? Math.sqrt(ownRank) : ownRank);
  }

  private static <T> T firstMatch(Map<String, T> patterns, String module, T otherwise) {
    for (var entry : patterns.entrySet()) {
      if (pattern(entry.getKey()).matcher(module).matches()) {
        return entry.getValue();
      }
    }
    return otherwise;
  }

  private static Pattern pattern(String text) {
    try {
      return Pattern.compile("(?:.*\\.)?(?:" + text + ")");
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "\"%s\" in a lora pattern is no regular expression: %s"
              .formatted(text, e.getDescription()),
          e);
    }
  }
}
