package dev.vignette.captioner.train;

import java.nio.file.Path;
import java.util.List;

/**
 * An image with its captions.
 *
 * @param stem key of predictions
 * @param file the image
 * @param hash SHA-256 of the file
 * @param captions the texts
 * @param tokens of each caption, begin and end token included
 */
record Sample(String stem, Path file, String hash, List<String> captions, List<long[]> tokens) {
  Sample {
    captions = List.copyOf(captions);
    tokens = List.copyOf(tokens);
  }
}
