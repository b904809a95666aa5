package dev.vignette.captioner.train;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What people call the metrics of a run. */
final class MetricNames {
  /** Logged, but neither told nor drawn unless a run is chosen by one of them. */
  static final Set<String> MINOR = Set.of("bleu-1", "bleu-2", "bleu-3");

  private static final Map<String, String> SHOWN =
      Map.of("cider", "CIDEr", "rouge-l", "ROUGE-L", "clipscore", "CLIPScore");

  private MetricNames() {}

  /** {@code cider} as CIDEr, {@code bleu-4} as BLEU-4; others as they are. */
  static String shown(String name) {
    return name.startsWith("bleu-")
        ? name.toUpperCase(Locale.ROOT)
        : SHOWN.getOrDefault(name, name);
  }
}
