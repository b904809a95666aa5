/** The commands below {@code vignette captioner}. */
@NullMarked
package dev.vignette.cli.captioner;

import org.jspecify.annotations.NullMarked;
