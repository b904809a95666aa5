package dev.vignette.eval.localization;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.attention.CaptionWord;
import dev.vignette.attention.MapView.ViewedMaps;
import dev.vignette.attention.PatchMap;
import dev.vignette.attention.WordMaps;
import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.localization.LocalizedImage.Figures;
import dev.vignette.eval.metric.Bootstrap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Gathers, caption by caption, how well each layer and head finds what nouns name. The mean map
 * that each choice is held against is made of the same layer and head, unviewed: it tells a word
 * that looks at its thing from a model that looks at things whatever the word.
 */
public final class LocalizationStudy {
  private final List<MapChoice> choices;
  private final List<LocalizedImage> images = new ArrayList<>();
  private int withoutNouns;

  /** For a model of so many layers of so many heads. */
  public LocalizationStudy(int layers, int heads) {
    choices = MapChoice.all(layers, heads);
  }

  /**
   * Adds a caption.
   *
   * @param caption with every layer and head traced
   * @param things of its image
   */
  public void add(AttendedCaption caption, List<NamedBoxes> things) {
    List<CaptionWord> words = CaptionWord.of(caption.trace().pieces());
    List<NounWords> nouns = new ArrayList<>();
    List<BoxCover> covers = new ArrayList<>();
    for (NamedBoxes thing : things) {
      Optional<NounWords> noun = NounWords.find(words, thing);
      BoxCover cover =
          BoxCover.of(caption.geometry(), caption.trace().grid().side(), thing.boxes());
      if (noun.isPresent() && cover.share() > 0) {
        nouns.add(noun.get());
        covers.add(cover);
      }
    }
    if (nouns.isEmpty()) {
      withoutNouns++;
    } else {
      images.add(score(caption, nouns, covers));
    }
  }

  private LocalizedImage score(
      AttendedCaption caption, List<NounWords> nouns, List<BoxCover> covers) {
    Figures[] words = new Figures[choices.size()];
    Figures[] means = new Figures[choices.size()];
    for (int i = 0; i < words.length; i++) {
      WordMaps raw = choices.get(i).rawMaps(caption.trace());
      WordMaps viewed = ViewedMaps.of(choices.get(i).view(), raw, Optional.empty()).words();
      PatchMap mean = raw.mean();
      words[i] = Figures.ZERO;
      means[i] = Figures.ZERO;
      for (int n = 0; n < nouns.size(); n++) {
        NounWords noun = nouns.get(n);
        PatchMap map = PatchMap.mean(viewed.maps().subList(noun.from(), noun.to()));
        BoxCover cover = covers.get(n);
        words[i] = words[i].plus(cover.pointing(map), cover.massOverArea(map));
        means[i] = means[i].plus(cover.pointing(mean), cover.massOverArea(mean));
      }
    }
    PatchMap uniform = PatchMap.uniform(caption.trace().grid().side());
    Figures flat = Figures.ZERO;
    for (BoxCover cover : covers) {
      flat = flat.plus(cover.pointing(uniform), cover.massOverArea(uniform));
    }
    int count = nouns.size();
    return new LocalizedImage(count, flat.over(count), over(words, count), over(means, count));
  }

  private static Figures[] over(Figures[] sums, int count) {
    return Arrays.stream(sums).map(sum -> sum.over(count)).toArray(Figures[]::new);
  }

  /**
   * What was found.
   *
   * @throws UsageException if fewer than four captions named a thing with boxes
   */
  public LocalizationReport report(Bootstrap bootstrap) {
    return LocalizationReport.of(choices, images, withoutNouns, bootstrap);
  }
}
