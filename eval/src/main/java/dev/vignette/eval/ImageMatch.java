package dev.vignette.eval;

import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.CocoCaptions.Image;
import dev.vignette.captions.Predictions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which prediction belongs to which image: by file name, stem or number, and never by guess.
 *
 * @param matched what can be scored, in the order of the annotations
 * @param missing stems of images that no prediction names
 * @param extra keys of predictions that name no image
 * @param duplicate stems of images that several predictions name, with their keys
 * @param withoutReferences stems of images that a prediction names but that have no reference
 */
public record ImageMatch(
    List<ScoredImage> matched,
    List<String> missing,
    List<String> extra,
    List<String> duplicate,
    List<String> withoutReferences) {

  public ImageMatch {
    matched = List.copyOf(matched);
    missing = List.copyOf(missing);
    extra = List.copyOf(extra);
    duplicate = List.copyOf(duplicate);
    withoutReferences = List.copyOf(withoutReferences);
  }

  /** Matches all predictions with all images; an image without any reference is not missed. */
  public static ImageMatch of(Predictions predictions, CocoCaptions annotations) {
    ImageNames names = new ImageNames(annotations);
    Map<String, List<Named>> named = new HashMap<>();
    List<String> extra = new ArrayList<>();
    int place = 0;
    for (Map.Entry<String, String> entry : predictions.captions().entrySet()) {
      Named prediction = new Named(entry.getKey(), place++, entry.getValue());
      names
          .find(prediction.key, predictions.keys())
          .ifPresentOrElse(
              image -> named.computeIfAbsent(image.id(), id -> new ArrayList<>()).add(prediction),
              () -> extra.add(prediction.key));
    }
    return sorted(annotations, named, extra);
  }

  /** A prediction and its place among all. */
  private record Named(String key, int place, String caption) {}

  private static ImageMatch sorted(
      CocoCaptions annotations, Map<String, List<Named>> predictions, List<String> extra) {
    List<ScoredImage> matched = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    List<String> duplicate = new ArrayList<>();
    List<String> withoutReferences = new ArrayList<>();
    for (Image image : annotations.images()) {
      List<Named> named = predictions.getOrDefault(image.id(), List.of());
      if (named.size() > 1) {
        List<String> keys = named.stream().map(Named::key).toList();
        duplicate.add(image.stem() + " (as " + String.join(", ", keys) + ")");
      } else if (named.isEmpty()) {
        if (!image.captions().isEmpty()) {
          missing.add(image.stem());
        }
      } else if (image.captions().isEmpty()) {
        withoutReferences.add(image.stem());
      } else {
        Named only = named.getFirst();
        matched.add(new ScoredImage(image, only.key, only.place, only.caption));
      }
    }
    return new ImageMatch(matched, missing, extra, duplicate, withoutReferences);
  }

  /** What does not match, a phrase a kind; empty when everything matches. */
  public List<String> complaints() {
    List<String> complaints = new ArrayList<>();
    complain(complaints, "images without a prediction", missing);
    complain(complaints, "predictions of no image of the annotations", extra);
    complain(complaints, "images with several predictions", duplicate);
    complain(complaints, "images with a prediction and no reference", withoutReferences);
    return complaints;
  }

  private static void complain(List<String> complaints, String what, List<String> names) {
    if (!names.isEmpty()) {
      complaints.add(NameList.of(what, names));
    }
  }
}
