package dev.vignette.llava;

/**
 * Where the time of a caption went, in milliseconds.
 *
 * @param encode the vision tower and projector
 * @param prefill reading image and instruction into the language model
 * @param decode generating the tokens
 */
public record StageMillis(double encode, double prefill, double decode) {}
