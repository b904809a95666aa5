/** The commands that show what words looked at. */
@NullMarked
package dev.vignette.cli.attend;

import org.jspecify.annotations.NullMarked;
