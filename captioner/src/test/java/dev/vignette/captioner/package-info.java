@NullMarked
package dev.vignette.captioner;

import org.jspecify.annotations.NullMarked;
