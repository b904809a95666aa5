@NullMarked
package dev.vignette.eval.clip;

import org.jspecify.annotations.NullMarked;
