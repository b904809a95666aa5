/** The {@code vignette llava} commands. */
@NullMarked
package dev.vignette.cli.llava;

import org.jspecify.annotations.NullMarked;
