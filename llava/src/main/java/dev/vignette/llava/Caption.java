package dev.vignette.llava;

import dev.vignette.captions.decoding.Hypothesis;

/**
 * A caption and how it came about.
 *
 * @param text without the space around it, and without a stop string
 * @param hypothesis its tokens, their log-probabilities and its score
 * @param millis where the time went; {@code encode} is that of the image, shared by all its
 *     captions
 */
public record Caption(String text, Hypothesis hypothesis, StageMillis millis) {}
