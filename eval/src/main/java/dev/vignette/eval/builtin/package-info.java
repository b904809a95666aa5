/** The metrics of words, as {@code vignette eval --metrics} finds them. */
@NullMarked
package dev.vignette.eval.builtin;

import org.jspecify.annotations.NullMarked;
