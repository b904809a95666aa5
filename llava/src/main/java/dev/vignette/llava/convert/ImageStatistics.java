package dev.vignette.llava.convert;

import dev.vignette.images.PixelPreprocessor.Resampling;
import dev.vignette.llava.convert.LlavaConversion.ConversionException;
import dev.vignette.weights.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What becomes of pictures before a tower sees them.
 *
 * @param mean what is subtracted from red, green and blue
 * @param deviation what they are then divided by, none 0
 * @param resampling how pictures are resized
 */
record ImageStatistics(List<Float> mean, List<Float> deviation, Resampling resampling) {

  private static final ImageStatistics CLIP =
      new ImageStatistics(
          List.of(0.48145466f, 0.4578275f, 0.40821073f),
          List.of(0.26862954f, 0.26130258f, 0.27577711f),
          Resampling.BICUBIC);

  private static final ImageStatistics SIGLIP =
      new ImageStatistics(List.of(0.5f, 0.5f, 0.5f), List.of(0.5f, 0.5f, 0.5f), Resampling.BICUBIC);

  ImageStatistics {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
  }

  /**
   * Reads a folder's image processor; what it does not say is what transformers' CLIPImageProcessor
   * and SiglipImageProcessor (5.18) take.
   *
   * @throws ConversionException when it resizes pictures in an unknown way
   */
  static ImageStatistics read(Path folder, TowerShape tower) throws IOException {
    ImageStatistics usual = tower.kind() == TowerShape.Kind.CLIP ? CLIP : SIGLIP;
    for (String name : List.of("preprocessor_config.json", "processor_config.json")) {
      Path file = folder.resolve(name);
      if (Files.isRegularFile(file)) {
        JsonObject json = JsonObject.read(file);
        JsonObject processor = json.object("image_processor").orElse(json);
        if (processor.has("image_mean") || processor.has("image_std")) {
          return new ImageStatistics(
              channels(processor, "image_mean", true),
              channels(processor, "image_std", false),
              resampling(processor));
        }
      }
    }
    return usual;
  }

  /** By Pillow's numbers. */
  private static Resampling resampling(JsonObject processor) {
    long number = processor.wholeNumber("resample").orElse(3);
    return switch (Math.clamp(number, 0, 9)) {
      case 1 -> Resampling.LANCZOS;
      case 2 -> Resampling.BILINEAR;
      case 3 -> Resampling.BICUBIC;
      default ->
          throw new ConversionException(
              "%s, \"resample\" is %d; 1 (Lanczos), 2 (bilinear) and 3 (bicubic) are known"
                  .formatted(processor.place(), number));
    };
  }

  private static List<Float> channels(JsonObject json, String name, boolean mayBeZero) {
    List<Float> values = json.list(name, Number.class).stream().map(Number::floatValue).toList();
    if (values.size() != 3
        || !values.stream().allMatch(value -> Float.isFinite(value) && (mayBeZero || value != 0))) {
      throw new ConversionException(
          "%s, \"%s\" is %s; three finite numbers are needed%s"
              .formatted(json.place(), name, values, mayBeZero ? "" : " other than 0"));
    }
    return values;
  }
}
