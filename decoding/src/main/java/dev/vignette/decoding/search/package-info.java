/** Greedy search, sampling and beams as step machines, and many prompts in one decode. */
@NullMarked
package dev.vignette.decoding.search;

import org.jspecify.annotations.NullMarked;
