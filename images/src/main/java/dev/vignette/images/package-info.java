/** Captions as data: predictions, COCO annotations, images and the pixels that models see. */
@NullMarked
package dev.vignette.images;

import org.jspecify.annotations.NullMarked;
