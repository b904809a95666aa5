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
    requireRank(rank, "rank");
    rankPattern.forEach((pattern, value) -> requireRank(value, "rank_pattern." + pattern));
    requireAlpha(alpha, "alpha");
    alphaPattern.forEach((pattern, value) -> requireAlpha(value, "alpha_pattern." + pattern));
    if (!(dropout >= 0 && dropout < 1)) {
      throw new InvalidLoraException("dropout", "must be >= 0 and < 1, not " + dropout);
    }
    targets = List.copyOf(targets);
    rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
    alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
    targets.forEach(text -> requirePattern("targets", text));
    rankPattern.keySet().forEach(text -> requirePattern("rank_pattern", text));
    alphaPattern.keySet().forEach(text -> requirePattern("alpha_pattern", text));
  }

  /** A setting that cannot be, which each source of settings calls by a name of its own. */
  public static final class InvalidLoraException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String setting;
    private final String rule;

    /**
     * Names a setting as the section {@code lora} of a configuration does.
     *
     * @param setting such as {@code alpha} or {@code rank_pattern.lm_head}
     * @param rule what it must be, and what it is; continues a sentence that begins with its name
     */
    InvalidLoraException(String setting, String rule) {
      super("lora.%s %s".formatted(setting, rule));
      this.setting = setting;
      this.rule = rule;
    }

    /** The setting, without the pattern that follows a dot. */
    public String setting() {
      int dot = setting.indexOf('.');
      return dot < 0 ? setting : setting.substring(0, dot);
    }

    /** The same sentence about a setting of another name. */
    public String about(String name) {
      return name + setting.substring(setting().length()) + " " + rule;
    }
  }

  private static void requireRank(int rank, String setting) {
    if (rank < 1) {
      throw new InvalidLoraException(setting, "must be >= 1, not " + rank);
    }
  }

  private static void requireAlpha(double alpha, String setting) {
    if (!(alpha > 0) || Double.isInfinite(alpha)) {
      throw new InvalidLoraException(setting, "must be a finite number > 0, not " + alpha);
    }
  }

  private static void requirePattern(String setting, String text) {
    try {
      pattern(text);
    } catch (PatternSyntaxException e) {
      throw new InvalidLoraException(
          setting,
          "has \"%s\", which is no regular expression from character %d on; write a module's name, or put \\ before . [ ( and the like"
              .formatted(text, Math.max(0, e.getIndex()) + 1));
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
    return Pattern.compile("(?:.*\\.)?(?:" + text + ")");
  }
}
