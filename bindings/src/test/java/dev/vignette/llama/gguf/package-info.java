@NullMarked
package dev.vignette.llama.gguf;

import org.jspecify.annotations.NullMarked;
