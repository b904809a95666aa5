package dev.vignette.eval.localization;

import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.localization.LocalizedImage.Figures;
import dev.vignette.eval.metric.Bootstrap;
import dev.vignette.eval.metric.Bootstrap.Interval;
import dev.vignette.eval.metric.Bootstrap.PairedDifference;
import dev.vignette.eval.metric.MetricResult.MeanResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * How well attention finds what nouns name. So that the figures of the best choice are not the luck
 * of the choosing, each half of the images (even and odd places) is judged by the choice that was
 * best on the other half (two-fold cross-fitting); the choice named is the best on all of them.
 * Best is the largest mass in the boxes, which is less a matter of chance than a hit.
 *
 * @param images captions that named a thing with boxes
 * @param nouns things they named
 * @param withoutNouns captions that named none
 * @param choices every layer and head in both views, with their figures over all images
 * @param uniformPointing pointing game of a map that is the same everywhere, over all images
 * @param chosen the best choice on all images
 * @param chosenByHalves the best choice on the images of even and of odd places
 * @param pointing pointing game, each half by the other's choice
 * @param mass mass in boxes, each half by the other's choice
 */
public record LocalizationReport(
    int images,
    int nouns,
    int withoutNouns,
    List<ChoiceFigures> choices,
    double uniformPointing,
    MapChoice chosen,
    List<MapChoice> chosenByHalves,
    Verdict pointing,
    Verdict mass) {
  private static final int FEWEST = 4;

  public LocalizationReport {
    choices = List.copyOf(choices);
    chosenByHalves = List.copyOf(chosenByHalves);
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
      throw new UsageException(
          "Localization needs at least %d captions that name a thing with boxes, but there are %d (%d others name none); give more images, or boxes for the words that captions use"
              .formatted(FEWEST, images.size(), without));
    }
    int[] halves = {best(every(images, 0)), best(every(images, 1))};
    return new LocalizationReport(
        images.size(),
        images.stream().mapToInt(LocalizedImage::nouns).sum(),
        without,
        figures(choices, images),
        mean(images, image -> image.uniform().pointing()),
        choices.get(best(images)),
        List.of(choices.get(halves[0]), choices.get(halves[1])),
        verdict("pointing", images, halves, Figures::pointing, bootstrap),
        verdict("mass", images, halves, Figures::mass, bootstrap));
  }

  /** The choice of the largest mass. */
  private static int best(List<LocalizedImage> images) {
    return IntStream.range(0, images.getFirst().words().length)
        .boxed()
        .max(Comparator.comparingDouble(choice -> mean(images, mass(choice))))
        .orElseThrow();
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
      int[] halves,
      ToDoubleFunction<Figures> figure,
      Bootstrap bootstrap) {
    double[] words = new double[images.size()];
    double[] flats = new double[images.size()];
    double[] means = new double[images.size()];
    for (int i = 0; i < words.length; i++) {
      LocalizedImage image = images.get(i);
      int choice = halves[1 - i % 2];
      words[i] = figure.applyAsDouble(image.words()[choice]);
      flats[i] = figure.applyAsDouble(image.uniform());
      means[i] = figure.applyAsDouble(image.means()[choice]);
    }
    MeanResult own = new MeanResult(name, words);
    return new Verdict(
        own.corpus(),
        bootstrap.intervals(List.of(own)).getFirst(),
        bootstrap.compare(List.of(new MeanResult(name, flats)), List.of(own)).getFirst(),
        bootstrap.compare(List.of(new MeanResult(name, means)), List.of(own)).getFirst());
  }
}
