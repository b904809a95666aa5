package dev.vignette.eval.report;

import dev.vignette.eval.EvalReport;
import dev.vignette.eval.EvalReport.MetricFigure;
import dev.vignette.eval.ImageFolder;
import dev.vignette.images.UnreadableImageException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * The thumbnails of a page.
 *
 * @param addresses a {@code data:} address each, by the place of the image in the report
 * @param unreadable file names of images that could not be read, with why, in the report's order
 */
record Thumbnails(Map<Integer, String> addresses, List<String> unreadable) {
  /** Of so many images at both ends of each metric there is a thumbnail before of any other. */
  private static final int EXTREMES = 48;

  static Thumbnails of(EvalReport report, Optional<ImageFolder> folder, int most) {
    if (folder.isEmpty()) {
      return new Thumbnails(Map.of(), List.of());
    }
    Map<Integer, String> addresses = new ConcurrentHashMap<>();
    Map<Integer, String> unreadable = new ConcurrentHashMap<>();
    chosen(report, most).parallelStream()
        .forEach(place -> {
          Optional<Path> file = folder.get().find(report.images().get(place).image());
          try {
            if (file.isEmpty()) {
              unreadable.put(place, "not there");
            } else {
              addresses.put(place, Thumbnail.of(file.get()));
            }
          } catch (UnreadableImageException e) {
            unreadable.put(place, String.valueOf(e.getMessage()));
          }
        });
    return new Thumbnails(
        addresses,
        new TreeMap<>(unreadable)
            .entrySet().stream()
                .map(entry ->
                    report.images().get(entry.getKey()).image().fileName()
                        + " ("
                        + entry.getValue()
                        + ")")
                .toList());
  }

  /** The best and worst by each metric, then all others in order, up to a number. */
  private static Set<Integer> chosen(EvalReport report, int most) {
    Set<Integer> chosen = new LinkedHashSet<>();
    int images = report.images().size();
    for (MetricFigure figure : report.figures()) {
      List<Integer> sorted =
          IntStream.range(0, images)
              .boxed()
              .sorted(Comparator.comparingDouble(figure.result()::image))
              .toList();
      chosen.addAll(sorted.subList(0, Math.min(EXTREMES, images)));
      chosen.addAll(sorted.subList(Math.max(0, images - EXTREMES), images));
    }
    IntStream.range(0, images).forEach(chosen::add);
    return new LinkedHashSet<>(chosen.stream().limit(most).toList());
  }
}
