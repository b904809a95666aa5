/**
 * Model files, read and judged in Java before llama.cpp sees them: what a GGUF header says, and a
 * sentence for each way in which a file can be the wrong one. Nothing here is native code; tensor
 * data is never read.
 */
@NullMarked
package dev.vignette.weights.gguf;

import org.jspecify.annotations.NullMarked;
