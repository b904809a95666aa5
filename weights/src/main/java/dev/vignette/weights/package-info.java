/**
 * Weight files without an engine: safetensors with its shard index, PyTorch checkpoints. Files are
 * memory-mapped, and a tensor's bytes are read when it is asked for.
 */
@NullMarked
package dev.vignette.weights;

import org.jspecify.annotations.NullMarked;
