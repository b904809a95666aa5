package dev.vignette.eval;

import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.CaptionMetric.Sight;
import dev.vignette.eval.EvalInputs.ScoredImage;
import dev.vignette.eval.ImageTextScorer.Item;
import dev.vignette.eval.ImageTextScorer.Scores;
import dev.vignette.files.faults.MalformedDataException;
import dev.vignette.files.sentences.NameList;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What the metrics that look at images need, of those that can be read.
 *
 * @param images the images scored
 * @param files their files; none where no metric looks at images
 * @param scores how well the captions go with them; empty where no metric looks at images
 * @param notes what a reader of the figures should know, whole sentences
 * @param fingerprint what the scores depend on
 */
record ImageTextFigures(
    List<ScoredImage> images,
    List<Path> files,
    Optional<Scores> scores,
    List<String> notes,
    Map<String, String> fingerprint) {

  /** No such metric: all images stay. */
  static ImageTextFigures none(List<ScoredImage> images) {
    return new ImageTextFigures(images, List.of(), Optional.empty(), List.of(), Map.of());
  }

  static ImageTextFigures of(
      EvalInputs inputs,
      EvalOptions options,
      ImageFolder folder,
      ImageTextScorer scorer,
      boolean allowMissing) {
    List<String> unreadable = new ArrayList<>();
    List<ScoredImage> images = new ArrayList<>();
    List<Item> items = new ArrayList<>();
    for (ScoredImage image : inputs.images()) {
      Optional<Path> file = folder.find(image);
      if (file.isPresent()) {
        images.add(image);
        items.add(new Item(file.get(), image.caption(), image.image().captions()));
      } else {
        unreadable.add(image.image().fileName() + " (not there)");
      }
    }
    stopUnless(allowMissing, folder, unreadable);
    Scores scores =
        scorer.score(items, options.metrics().getLast().sight() == Sight.IMAGE_AND_REFERENCES);
    scores
        .unreadable()
        .forEach((place, why) -> unreadable.add(items.get(place).image() + " (" + why + ")"));
    stopUnless(allowMissing, folder, unreadable);
    return readable(images, items, scores, unreadable, scorer.fingerprint());
  }

  private static void stopUnless(
      boolean allowMissing, ImageFolder folder, List<String> unreadable) {
    if (!unreadable.isEmpty() && !allowMissing) {
      throw new MalformedDataException(
          "%s, in %s. Mend them, or score the others with --allow-missing."
              .formatted(NameList.of("Images that cannot be read", unreadable), folder.root()));
    }
  }

  private static ImageTextFigures readable(
      List<ScoredImage> images,
      List<Item> items,
      Scores scores,
      List<String> unreadable,
      Map<String, String> fingerprint) {
    int[] kept =
        IntStream.range(0, images.size())
            .filter(place -> !scores.unreadable().containsKey(place))
            .toArray();
    if (kept.length == 0) {
      throw new UsageException(
          NameList.of("No image can be read, so there is nothing to score", unreadable));
    }
    List<String> notes = new ArrayList<>(scores.notes());
    if (!unreadable.isEmpty()) {
      notes.add("Left out: " + NameList.of("images that cannot be read", unreadable) + ".");
    }
    double[] refClip =
        scores.refClip().length == 0 ? new double[0] : select(scores.refClip(), kept);
    return new ImageTextFigures(
        Arrays.stream(kept).mapToObj(images::get).toList(),
        Arrays.stream(kept).mapToObj(place -> items.get(place).image()).toList(),
        Optional.of(new Scores(select(scores.clip(), kept), refClip, Map.of(), List.of())),
        notes,
        fingerprint);
  }

  private static double[] select(double[] scores, int[] places) {
    return Arrays.stream(places).mapToDouble(place -> scores[place]).toArray();
  }
}
