@NullMarked
package dev.vignette.captioner.bench;

import org.jspecify.annotations.NullMarked;
