@NullMarked
package dev.vignette.torch;

import org.jspecify.annotations.NullMarked;
