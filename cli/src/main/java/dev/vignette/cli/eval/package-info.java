/** The commands {@code vignette eval} and {@code vignette eval compare}. */
@NullMarked
package dev.vignette.cli.eval;

import org.jspecify.annotations.NullMarked;
