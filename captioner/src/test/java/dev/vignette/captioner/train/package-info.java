@NullMarked
package dev.vignette.captioner.train;

import org.jspecify.annotations.NullMarked;
