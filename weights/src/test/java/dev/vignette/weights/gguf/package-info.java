@NullMarked
package dev.vignette.weights.gguf;

import org.jspecify.annotations.NullMarked;
