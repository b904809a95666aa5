package dev.vignette.llava.convert;

import java.nio.file.Path;

/**
 * The two files that a conversion has written.
 *
 * @param languageModel for {@code --model}
 * @param projector for {@code --mmproj}
 */
public record ConvertedModel(Path languageModel, Path projector) {}
