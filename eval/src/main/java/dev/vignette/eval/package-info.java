/** The evaluation: predictions against references, and the report of it. */
@NullMarked
package dev.vignette.eval;

import org.jspecify.annotations.NullMarked;
