package dev.vignette.eval;

import dev.vignette.captions.run.UsageException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** The metrics that are installed: those of words first, otherwise in the order they are found. */
public final class MetricCatalog {
  private final SequencedMap<String, CaptionMetric> byName = new LinkedHashMap<>();

  private MetricCatalog(List<CaptionMetric> metrics) {
    SequencedMap<String, CaptionMetric> byFigure = new LinkedHashMap<>();
    for (CaptionMetric metric : metrics) {
      add(byName, metric.name(), metric);
      metric.figures().forEach(figure -> add(byFigure, figure, metric));
    }
  }

  /** Files a metric under a name that no other has, in whatever case. */
  private static void add(
      SequencedMap<String, CaptionMetric> names, String name, CaptionMetric metric) {
    CaptionMetric other = names.putIfAbsent(name.toLowerCase(Locale.ROOT), metric);
    if (other != null) {
      throw new IllegalStateException(
          "Metrics and their figures have different names, but %s and %s both call one %s: mend one of them, or take it off the class path"
              .formatted(other.getClass().getName(), metric.getClass().getName(), name));
    }
  }

  /**
   * Looks for metrics.
   *
   * @throws IllegalStateException when one cannot be loaded, or two have one name, or figures of
   *     one name
   */
  public static MetricCatalog installed() {
    List<CaptionMetric> found = new ArrayList<>();
    try {
      ServiceLoader.load(CaptionMetric.class).forEach(found::add);
    } catch (ServiceConfigurationError e) {
      throw new IllegalStateException(
          "A metric on the class path cannot be loaded: %s. Mend its jar, or take it away."
              .formatted(e.getMessage()),
          e);
    }
    found.sort(Comparator.comparing(CaptionMetric::sight));
    return new MetricCatalog(found);
  }

  /** All of them. */
  public List<CaptionMetric> all() {
    return List.copyOf(byName.values());
  }

  /** Those that look at words only. */
  public List<CaptionMetric> ofWords() {
    return all().stream().filter(metric -> metric.sight() == CaptionMetric.Sight.WORDS).toList();
  }

  /**
   * The metrics with some names, in the order of the catalog. A name is a metric's, or that of one
   * of its figures, of which only that is given; case does not matter.
   *
   * @throws UsageException when there is no such metric; it names those that exist
   */
  public List<CaptionMetric> named(Collection<String> names) {
    SequencedMap<CaptionMetric, SequencedSet<String>> asked = new LinkedHashMap<>();
    for (String name : names) {
      CaptionMetric metric = find(name).orElseThrow(() -> unknown(name));
      SequencedSet<String> figures = asked.computeIfAbsent(metric, m -> new LinkedHashSet<>());
      metric.figures().stream()
          .filter(figure -> metric.name().equalsIgnoreCase(name) || figure.equalsIgnoreCase(name))
          .forEach(figures::add);
    }
    List<CaptionMetric> chosen = new ArrayList<>();
    for (CaptionMetric metric : byName.values()) {
      SequencedSet<String> figures = asked.get(metric);
      if (figures != null) {
        chosen.add(
            figures.size() == metric.figures().size() ? metric : SomeFigures.of(metric, figures));
      }
    }
    return chosen;
  }

  /** A line a metric: its name, what it measures, and its figures where they are several. */
  public String text() {
    int width = byName.keySet().stream().mapToInt(String::length).max().orElse(0);
    return byName.values().stream()
        .map(metric ->
            "%s  %s%s%n"
                .formatted(
                    metric.name() + " ".repeat(width - metric.name().length()),
                    metric.description(),
                    metric.figures().size() == 1
                        ? ""
                        : " (" + String.join(", ", metric.figures()) + ")"))
        .collect(Collectors.joining());
  }

  private Optional<CaptionMetric> find(String name) {
    return Optional.ofNullable(byName.get(name.toLowerCase(Locale.ROOT)))
        .or(() ->
            byName.values().stream()
                .filter(metric -> metric.figures().stream().anyMatch(name::equalsIgnoreCase))
                .findFirst());
  }

  private UsageException unknown(String name) {
    return new UsageException(
        "There is no metric \"%s\": choose from %s. vignette eval --metrics list says what they are."
            .formatted(name, String.join(", ", byName.keySet())));
  }

  /**
   * A metric of which only some figures are wanted.
   *
   * @param metric all of it
   * @param figures the names of those wanted, in its order
   */
  private record SomeFigures(CaptionMetric metric, List<String> figures) implements CaptionMetric {

    static SomeFigures of(CaptionMetric metric, Collection<String> wanted) {
      return new SomeFigures(metric, metric.figures().stream().filter(wanted::contains).toList());
    }

    @Override
    public String name() {
      return metric.name();
    }

    @Override
    public String description() {
      return metric.description();
    }

    @Override
    public Sight sight() {
      return metric.sight();
    }

    @Override
    public MetricScores score(MetricInput input) {
      MetricScores all = metric.score(input);
      return new MetricScores(
          all.results().stream().filter(result -> figures.contains(result.name())).toList(),
          all.facts(),
          all.notes());
    }
  }
}
