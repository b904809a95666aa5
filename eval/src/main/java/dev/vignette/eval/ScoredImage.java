package dev.vignette.eval;

import dev.vignette.captions.CocoCaptions;

/**
 * An image of the annotations with the caption that is scored.
 *
 * @param image the image and its references
 * @param key under which the predictions name it
 * @param place of the caption among all predictions, from 0
 * @param caption the caption
 */
public record ScoredImage(CocoCaptions.Image image, String key, int place, String caption) {}
