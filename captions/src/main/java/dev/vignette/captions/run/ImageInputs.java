package dev.vignette.captions.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The images of a run in the order in which they are captioned: arguments in the order given, the
 * files of a folder or a glob sorted by path.
 *
 * @param images each once
 * @param notes sentences on what was left out, such as a folder without images
 * @param failures files and folders that were meant and cannot be captioned, such as a folder that
 *     cannot be listed
 */
public record ImageInputs(
    List<ImageInput> images, List<String> notes, List<Outcome.Failed> failures) {
  private static final int MOST_NAMED = 10;

  /** Copies the lists. */
  public ImageInputs {
    images = List.copyOf(images);
    notes = List.copyOf(notes);
    failures = List.copyOf(failures);
  }

  /** Images of which nothing was left out. */
  static ImageInputs of(List<ImageInput> images) {
    return new ImageInputs(images, List.of(), List.of());
  }

  /**
   * Finds the images that {@code arguments} name: files, folders (with the folders in them), globs
   * such as {@code 'photos/**}{@code /*.jpg'}, and WebDataset shards such as {@code shards/0.tar} or
   * {@code 'shards/*.tar'}, of which each sample's picture is an image. Below a folder or a glob only files with an image's
   * extension count and hidden ones do not; a file named by its own path always counts.
   *
   * @param arguments what the user named on the command line
   * @param listed paths of files and folders, taken as written: the lines of a list
   * @throws UsageException if there is no image, or a path is missing or no file
   */
  public static ImageInputs find(List<String> arguments, List<String> listed, KeyMode keys) {
    return find(arguments, listed, keys, InputRules.ALL);
  }

  /**
   * The same without what is left out by rules.
   *
   * @throws UsageException as there, or if a pattern says nothing
   */
  public static ImageInputs find(
      List<String> arguments, List<String> listed, KeyMode keys, InputRules rules) {
    InputFinder finder = new InputFinder(rules, keys);
    arguments.forEach(finder::addArgument);
    listed.forEach(finder::addPath);
    return new ImageInputs(finder.found(), finder.notes(), finder.failures());
  }

  /** The first {@code most} of these images. */
  public ImageInputs first(int most) {
    return most >= images.size() ? this : new ImageInputs(images.subList(0, most), notes, failures);
  }

  /**
   * Checks that all images are files.
   *
   * @param why a reason to stand in a sentence: {@code a page shows them}
   * @throws UsageException if one lies within a shard
   */
  public void requireFiles(String why) {
    for (ImageInput image : images) {
      if (image.entry().isPresent()) {
        throw new UsageException(
            "These images are named as files, since %s, but %s lies within a shard. Unpack the shard, and name the folder."
                .formatted(why, image.path()));
      }
    }
  }

  /**
   * Checks that captions can be told apart by the keys.
   *
   * @param keys what the keys are, for the advice
   * @throws UsageException if two images share a key
   */
  void requireUniqueKeys(KeyMode keys) {
    Map<String, ImageInput> byKey = new LinkedHashMap<>();
    List<String> clashes = new ArrayList<>();
    for (ImageInput image : images) {
      ImageInput before = byKey.putIfAbsent(image.key(), image);
      if (before != null) {
        clashes.add("%s (%s, %s)".formatted(image.key(), before.path(), image.path()));
      }
    }
    if (!clashes.isEmpty()) {
      throw new UsageException(
          "Every image needs a key of its own in the predictions, but %d %s another's: %s. %s give the folder that holds both, or a glob such as 'a/**' (its keys are paths as written)."
              .formatted(
                  clashes.size(),
                  clashes.size() == 1 ? "has" : "have",
                  firstOf(clashes, "; "),
                  keys == KeyMode.PATH
                      ? "As paths below two folders they are the same:"
                      : "Give --keys path to use paths as keys; where paths too are the same,"));
    }
  }

  /** The first ten of {@code things} and how many more there are. */
  static String firstOf(List<String> things, String separator) {
    String named = String.join(separator, things.subList(0, Math.min(MOST_NAMED, things.size())));
    int more = things.size() - MOST_NAMED;
    return more > 0 ? named + separator + "and %d more".formatted(more) : named;
  }
}
