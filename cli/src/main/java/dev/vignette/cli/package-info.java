/** The {@code vignette} program: one command tree over the modules. */
@NullMarked
package dev.vignette.cli;

import org.jspecify.annotations.NullMarked;
