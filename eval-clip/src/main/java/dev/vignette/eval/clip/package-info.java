/** Scores of captions by how well they go with their image. */
@NullMarked
package dev.vignette.eval.clip;

import org.jspecify.annotations.NullMarked;
