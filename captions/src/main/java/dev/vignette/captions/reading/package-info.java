/** JSON and texts of captions, read piece by piece with their lines. */
@NullMarked
package dev.vignette.captions.reading;

import org.jspecify.annotations.NullMarked;
