/** The commands {@code vignette eval} and {@code vignette eval compare}. */
@NullMarked
package dev.vignette.eval.command;

import org.jspecify.annotations.NullMarked;
