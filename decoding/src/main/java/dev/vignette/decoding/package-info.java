/**
 * From logits to a caption: greedy search, sampling and beam search with Hugging Face's names and
 * meanings.
 */
@NullMarked
package dev.vignette.decoding;

import org.jspecify.annotations.NullMarked;
