/** A model in a process of its own, which may die without the run. */
@NullMarked
package dev.vignette.captions.isolated;

import org.jspecify.annotations.NullMarked;
