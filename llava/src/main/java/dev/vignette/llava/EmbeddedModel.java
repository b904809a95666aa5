package dev.vignette.llava;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The miniature LLaVA that Vignette ships: what {@code vignette llava} uses when no model is given.
 *
 * @param languageModel its GGUF language model
 * @param projector its mmproj file
 * @param testImage a picture it knows
 */
public record EmbeddedModel(Path languageModel, Path projector, Path testImage) {

  /** The folder above {@code models}, set by the launcher. */
  private static final String HOME_PROPERTY = "vignette.home";

  /** The seed's best instruction, the default of {@code vignette llava caption}. */
  public static final String DEFAULT_INSTRUCTION =
      "Focus only on the primary subject and its core action in this image."
          + " Keep the caption short and clear. Avoid any extra details.";

  /**
   * Finds its files below the folder named by the system property {@code vignette.home}.
   *
   * @throws IllegalArgumentException if the property or a file is missing
   */
  public static EmbeddedModel find() {
    Path folder = folder();
    EmbeddedModel model =
        new EmbeddedModel(
            folder.resolve("mini-llava-Q8_0.gguf"),
            folder.resolve("mini-llava-mmproj-f16.gguf"),
            folder.resolve("data/images/val/000000000001.jpg"));
    for (Path file : new Path[] {model.languageModel, model.projector, model.testImage}) {
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException(
            "the embedded model lacks '%s'; build anew with mvn package, or give --model and --mmproj"
                .formatted(file));
      }
    }
    return model;
  }

  /** The folder of the miniature models and data. */
  static Path folder() {
    String home = System.getProperty(HOME_PROPERTY);
    if (home == null) {
      throw new IllegalArgumentException(
          "no model was given and the embedded one is not known: give --model and --mmproj, or start Vignette by its launcher");
    }
    return Path.of(home, "models", "mini");
  }

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
}
