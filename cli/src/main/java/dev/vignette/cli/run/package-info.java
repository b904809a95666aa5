/** What the commands that caption share: images, batches, progress, interruption. */
@NullMarked
package dev.vignette.cli.run;

import org.jspecify.annotations.NullMarked;
