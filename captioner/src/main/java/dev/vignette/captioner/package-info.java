/** The captioner: a frozen vision transformer, a projection, and GPT-2 with low-rank adapters. */
@NullMarked
package dev.vignette.captioner;

import org.jspecify.annotations.NullMarked;
