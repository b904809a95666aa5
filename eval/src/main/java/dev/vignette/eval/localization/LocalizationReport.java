package dev.vignette.eval.localization;

import dev.vignette.eval.localization.LocalizedImage.Figures;
import dev.vignette.eval.metric.Bootstrap;
import dev.vignette.eval.metric.Interval;
import dev.vignette.eval.metric.MeanResult;
import dev.vignette.eval.metric.PairedDifference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * How well attention finds what nouns name. The best choice is made on every second image and its
 * figures are those of the others, so that they are not the luck of the choosing.
 *
 * @param images captions that named a thing with boxes
 * @param nouns things they named
 * @param withoutNouns captions that named none
 * @param choices every layer and head in both views, with their figures over all images
 * @param uniformPointing pointing game of a map that is the same everywhere, over all images
 * @param chosen the best choice on the images of even place
 * @param pointing of it on the images of odd place
 * @param mass of it on the images of odd place
 */
public record LocalizationReport(
    int images,
    int nouns,
    int withoutNouns,
    List<ChoiceFigures> choices,
    double uniformPointing,
    MapChoice chosen,
    Verdict pointing,
    Verdict mass) {
  private static final int FEWEST = 4;

  public LocalizationReport {
    choices = List.copyOf(choices);
  }

  /**
   * A choice and its figures over all images.
   *
   * @param pointing share of hits in the pointing game
   * @param mass attention in the boxes over their share of the area
   * @param meanPointing pointing game of the mean map of the same layer and head
   * @param meanMass mass of the mean map of the same layer and head
   */
  public record ChoiceFigures(
      MapChoice choice, double pointing, double mass, double meanPointing, double meanMass) {}

  /**
   * One figure of the chosen maps, and how it differs from maps that know nothing of the word.
   *
   * @param interval of the figure, 95%
   * @param overUniform figure less that of the uniform map
   * @param overMean figure less that of the mean map
   */
  public record Verdict(
      double figure, Interval interval, PairedDifference overUniform, PairedDifference overMean) {
    /** Whether both differences are above 0 over their whole intervals. */
    public boolean beatsBoth() {
      return overUniform.interval().low() > 0 && overMean.interval().low() > 0;
    }
  }

  static LocalizationReport of(
      List<MapChoice> choices, List<LocalizedImage> images, int without, Bootstrap bootstrap) {
    if (images.size() < FEWEST) {
      throw new IllegalStateException(
          "Localization needs at least %d captions that name a thing with boxes, but there are %d (%d others name none); give more images, or boxes for the words that captions use"
              .formatted(FEWEST, images.size(), without));
    }
    List<LocalizedImage> choosing = every(images, 0);
    List<LocalizedImage> judging = every(images, 1);
    int best =
        IntStream.range(0, choices.size())
            .boxed()
            .max(
                Comparator.<Integer>comparingDouble(i -> mean(choosing, pointing(i)))
                    .thenComparingDouble(i -> mean(choosing, mass(i))))
            .orElseThrow();
    return new LocalizationReport(
        images.size(),
        images.stream().mapToInt(LocalizedImage::nouns).sum(),
        without,
        figures(choices, images),
        mean(images, image -> image.uniform().pointing()),
        choices.get(best),
        verdict("pointing", judging, best, Figures::pointing, bootstrap),
        verdict("mass", judging, best, Figures::mass, bootstrap));
  }

  private static List<LocalizedImage> every(List<LocalizedImage> images, int remainder) {
    return IntStream.range(0, images.size())
        .filter(i -> i % 2 == remainder)
        .mapToObj(images::get)
        .toList();
  }

  private static ToDoubleFunction<LocalizedImage> pointing(int choice) {
    return image -> image.words()[choice].pointing();
  }

  private static ToDoubleFunction<LocalizedImage> mass(int choice) {
    return image -> image.words()[choice].mass();
  }

  private static double mean(List<LocalizedImage> images, ToDoubleFunction<LocalizedImage> figure) {
    return images.stream().mapToDouble(figure).average().orElseThrow();
  }

  private static List<ChoiceFigures> figures(List<MapChoice> choices, List<LocalizedImage> images) {
    List<ChoiceFigures> figures = new ArrayList<>();
    for (int i = 0; i < choices.size(); i++) {
      int place = i;
      figures.add(
          new ChoiceFigures(
              choices.get(i),
              mean(images, pointing(i)),
              mean(images, mass(i)),
              mean(images, image -> image.means()[place].pointing()),
              mean(images, image -> image.means()[place].mass())));
    }
    return figures;
  }

  private static Verdict verdict(
      String name,
      List<LocalizedImage> images,
      int choice,
      ToDoubleFunction<Figures> figure,
      Bootstrap bootstrap) {
    MeanResult own = column(name, images, image -> image.words()[choice], figure);
    MeanResult flat = column(name, images, LocalizedImage::uniform, figure);
    MeanResult mean = column(name, images, image -> image.means()[choice], figure);
    return new Verdict(
        own.corpus(),
        bootstrap.intervals(List.of(own)).getFirst(),
        bootstrap.compare(List.of(flat), List.of(own)).getFirst(),
        bootstrap.compare(List.of(mean), List.of(own)).getFirst());
  }

  private static MeanResult column(
      String name,
      List<LocalizedImage> images,
      Function<LocalizedImage, Figures> of,
      ToDoubleFunction<Figures> figure) {
    return new MeanResult(name, images.stream().map(of).mapToDouble(figure).toArray());
  }
}
