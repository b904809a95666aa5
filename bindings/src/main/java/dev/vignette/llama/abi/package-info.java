/** Whether the library at hand has the layouts that the bindings were made for. */
@NullMarked
package dev.vignette.llama.abi;

import org.jspecify.annotations.NullMarked;
