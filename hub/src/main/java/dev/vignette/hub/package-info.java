/**
 * Fetches models from Hugging Face's hub: parallel ranges, resumed after a kill, every hash
 * checked, kept in the cache that huggingface_hub shares. {@link dev.vignette.hub.Hub} is the
 * entry.
 */
@NullMarked
package dev.vignette.hub;

import org.jspecify.annotations.NullMarked;
