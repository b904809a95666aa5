/** Predictions and the references that they are held against. */
@NullMarked
package dev.vignette.captions;

import org.jspecify.annotations.NullMarked;
