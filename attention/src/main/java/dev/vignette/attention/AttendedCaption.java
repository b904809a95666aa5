package dev.vignette.attention;

import dev.vignette.images.PixelGeometry;

/**
 * A caption of an image with what its tokens looked at.
 *
 * @param caption the text
 * @param trace its attention
 * @param geometry where the patches lie in the image
 */
public record AttendedCaption(String caption, AttentionTrace trace, PixelGeometry geometry) {}
