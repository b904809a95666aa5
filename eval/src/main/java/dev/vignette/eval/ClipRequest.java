package dev.vignette.eval;

import dev.vignette.images.RgbImage.ImageReadOptions;
import java.nio.file.Path;

/**
 * Which CLIP model scores, and how.
 *
 * @param model a folder with {@code config.json}, {@code model.safetensors}, {@code tokenizer.json}
 * @param prefix what stands before every caption: empty in the homework's way, {@code "A photo
 *     depicts "} in jmhessel's
 * @param upright whether images are seen as people see them, turned as their EXIF data say and
 *     transparent ones over white; the reference neither turns them nor looks at transparency
 */
public record ClipRequest(Path model, String prefix, boolean upright) {
  /** How a file becomes pixels. */
  public ImageReadOptions reading() {
    return upright ? ImageReadOptions.DEFAULT : ImageReadOptions.PILLOW;
  }
}
