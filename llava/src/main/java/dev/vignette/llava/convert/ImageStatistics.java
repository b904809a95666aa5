package dev.vignette.llava.convert;

import dev.vignette.weights.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What is subtracted from the red, green and blue of pixels, and by what they are then divided.
 *
 * @param mean three numbers
 * @param deviation three numbers, none 0
 */
record ImageStatistics(List<Float> mean, List<Float> deviation) {

  private static final ImageStatistics CLIP =
      new ImageStatistics(
          List.of(0.48145466f, 0.4578275f, 0.40821073f),
          List.of(0.26862954f, 0.26130258f, 0.27577711f));

  ImageStatistics {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
  }

  /** Reads a folder's image processor; without one, CLIP's own. */
  static ImageStatistics read(Path folder) throws IOException {
    for (String name : List.of("preprocessor_config.json", "processor_config.json")) {
      Path file = folder.resolve(name);
      if (Files.isRegularFile(file)) {
        JsonObject json = JsonObject.read(file);
        JsonObject processor = json.object("image_processor").orElse(json);
        if (processor.has("image_mean") || processor.has("image_std")) {
          return new ImageStatistics(
              channels(processor, "image_mean", true), channels(processor, "image_std", false));
        }
      }
    }
    return CLIP;
  }

  private static List<Float> channels(JsonObject json, String name, boolean mayBeZero) {
    List<Float> values = json.list(name, Number.class).stream().map(Number::floatValue).toList();
    if (values.size() != 3 || (!mayBeZero && values.contains(0f))) {
      throw new ConversionException(
          "%s, \"%s\" is %s; three numbers are needed%s"
              .formatted(json.place(), name, values, mayBeZero ? "" : " other than 0"));
    }
    return values;
  }
}
