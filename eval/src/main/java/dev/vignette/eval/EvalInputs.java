package dev.vignette.eval;

import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.CocoCaptions.Image;
import dev.vignette.captions.Predictions;
import dev.vignette.captions.reading.PredictionParts;
import dev.vignette.captions.reading.ReadFault;
import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.EvalReport.Fingerprint;
import dev.vignette.files.ContentHash;
import dev.vignette.files.sentences.NameList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * What is scored.
 *
 * @param images the images with their captions, in the order of the annotations; at least one
 * @param notes what was left out or looks odd, whole sentences
 * @param fingerprint the hashes of both files
 */
public record EvalInputs(List<ScoredImage> images, List<String> notes, Fingerprint fingerprint) {
  private static final int HASH_DIGITS = 12;

  public EvalInputs {
    images = List.copyOf(images);
    notes = List.copyOf(notes);
  }

  /**
   * Reads predictions and annotations and matches them.
   *
   * @param predictions a file, a folder or a pattern of file names; see {@link PredictionParts}
   * @param allowMissing whether what does not match is left out and noted, not refused
   * @throws UsageException when something does not match, all of it named
   * @throws dev.vignette.files.faults.MalformedDataException when a file is not what it should be
   * @throws UncheckedIOException when a file cannot be read
   */
  public static EvalInputs read(Path predictions, Path annotations, boolean allowMissing) {
    return read(predictions, annotations, List.of(), allowMissing);
  }

  /**
   * The same with the images of some splits only.
   *
   * @param splits what the annotations call them; none for all images
   */
  public static EvalInputs read(
      Path predictions, Path annotations, List<String> splits, boolean allowMissing) {
    return read(predictions, PredictionParts.of(predictions), annotations, splits, allowMissing);
  }

  /**
   * The same with the files that the predictions are in.
   *
   * @param parts those of {@link PredictionParts#of}
   */
  public static EvalInputs read(
      Path predictions,
      List<Path> parts,
      Path annotations,
      List<String> splits,
      boolean allowMissing) {
    CompletableFuture<CocoCaptions> references =
        CompletableFuture.supplyAsync(() -> CocoCaptions.read(annotations, splits));
    CompletableFuture<String> hash = CompletableFuture.supplyAsync(() -> hash(annotations));
    Predictions captions = Predictions.read(parts);
    SequencedMap<String, String> facts = new LinkedHashMap<>();
    facts.put("predictions", hash(parts, captions));
    ImageMatch match = ImageMatch.of(captions, Awaited.result(references));
    facts.put("annotations", Awaited.result(hash));
    return new EvalInputs(
        match.matched(),
        notes(match, predictions, annotations, allowMissing),
        new Fingerprint(facts));
  }

  /**
   * The same for some of the images only.
   *
   * @param keys what the predictions call them
   * @throws UsageException when none of them is left
   */
  public EvalInputs only(Set<String> keys) {
    List<ScoredImage> kept = images.stream().filter(image -> keys.contains(image.key())).toList();
    if (kept.isEmpty()) {
      throw new UsageException(
          "None of the %d images captioned has references in the annotations. Name the annotations of these images."
              .formatted(keys.size()));
    }
    return new EvalInputs(kept, notes, fingerprint);
  }

  private static List<String> notes(
      ImageMatch match, Path predictions, Path annotations, boolean allowMissing) {
    List<String> complaints = match.complaints();
    if (match.matched().isEmpty()) {
      throw new UsageException(
          "No prediction of %s names an image with references of %s: %s. Name the annotations they were made for."
              .formatted(predictions, annotations, String.join("; ", complaints)));
    }
    if (!complaints.isEmpty() && !allowMissing) {
      throw new UsageException(
          "%s and %s do not match: %s. Correct them, or score the %d images that match with --allow-missing."
              .formatted(
                  predictions, annotations, String.join("; ", complaints), match.matched().size()));
    }
    return notes(match, match.matched());
  }

  /** What is said of the images scored, and of those left out. */
  static List<String> notes(ImageMatch match, List<ScoredImage> scored) {
    List<String> notes = new ArrayList<>();
    match.complaints().forEach(complaint -> notes.add("Left out: " + complaint + "."));
    List<String> empty =
        scored.stream()
            .filter(image -> image.caption().isBlank())
            .map(image -> image.image().stem())
            .toList();
    if (!empty.isEmpty()) {
      notes.add(NameList.of("Empty captions, which score 0 by all but CLIPScore", empty) + ".");
    }
    return notes;
  }

  /** What came by a pipe cannot be read again, but tells what it said. */
  private static String hash(List<Path> parts, Predictions read) {
    return parts.stream().allMatch(Files::isRegularFile)
        ? hash(parts)
        : ContentHash.ofText(read.captions().toString()).substring(0, HASH_DIGITS);
  }

  /** The hash of a file, or of several files' hashes. */
  static String hash(List<Path> files) {
    return files.size() == 1
        ? hash(files.getFirst())
        : ContentHash.ofText(files.stream().map(EvalInputs::hash).collect(Collectors.joining("\n")))
            .substring(0, HASH_DIGITS);
  }

  static String hash(Path file) {
    try {
      return ContentHash.of(file).substring(0, HASH_DIGITS);
    } catch (IOException e) {
      throw ReadFault.unreadable(file, e);
    }
  }

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

  /**
   * An image of the annotations with the caption that is scored.
   *
   * @param image the image and its references
   * @param key under which the predictions name it
   * @param place of the caption among all predictions, from 0
   * @param caption the caption
   */
  public record ScoredImage(CocoCaptions.Image image, String key, int place, String caption) {}
}
