/** Captions as data: predictions, COCO annotations, images and the pixels that models see. */
@NullMarked
package dev.vignette.captions;

import org.jspecify.annotations.NullMarked;
