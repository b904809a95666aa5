/** Training runs held against each other. */
@NullMarked
package dev.vignette.captioner.compare;

import org.jspecify.annotations.NullMarked;
