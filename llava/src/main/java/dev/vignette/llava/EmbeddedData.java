package dev.vignette.llava;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The miniature validation set that Vignette ships: what {@code vignette llava compare} captions
 * when no image is named.
 *
 * @param images the folder of its images
 * @param annotations their references, as COCO writes them
 * @param clip the CLIP that knows its small world, a Hugging Face folder
 */
public record EmbeddedData(Path images, Path annotations, Path clip) {

  /**
   * Finds its files below the folder named by the system property {@code vignette.home}.
   *
   * @throws IllegalArgumentException if the property or a file is missing
   */
  public static EmbeddedData find() {
    Path folder = EmbeddedModel.folder();
    EmbeddedData data =
        new EmbeddedData(
            folder.resolve("data/images/val"),
            folder.resolve("data/val.json"),
            folder.resolve("clip"));
    for (Path file : new Path[] {data.images, data.annotations, data.clip}) {
      if (!Files.exists(file)) {
        throw new IllegalArgumentException(
            "the miniature validation set lacks '%s'; build anew with mvn package, or name images and --annotations"
                .formatted(file));
      }
    }
    return data;
  }
}
