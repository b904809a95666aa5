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
 * @param targets modules to adapt: their names, the last parts of them ({@code c_attn}, {@code
 *     lm_head}), or regular expressions as in {@code rankPattern} ({@code h\.[89]\.attn\.c_attn})
 * @param rankPattern ranks by regular expression that matches the whole name of a module, or a part
 *     of it from after a dot to its end
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
    targets.forEach(LoraSettings::pattern);
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
    return targets.stream().anyMatch(target -> matches(target, module));
  }

  /**
   * Whether a target, or a pattern of ranks or alphas, means a module (PEFT 0.19, {@code
   * check_target_module_exists} and {@code get_pattern_key}).
   */
  static boolean matches(String target, String module) {
    return module.equals(target)
        || module.endsWith("." + target)
        || pattern(target).matcher(module).matches();
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
      if (matches(entry.getKey(), module)) {
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
          "\"%s\" in lora.targets or a lora pattern is no regular expression: %s; write a module's name, or put \\ before . [ ( and the like"
              .formatted(text, e.getDescription()),
          e);
    }
  }
}
