/** The {@code vignette llava} commands. */
@NullMarked
package dev.vignette.llava.command;

import org.jspecify.annotations.NullMarked;
