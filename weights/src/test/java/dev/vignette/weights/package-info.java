@NullMarked
package dev.vignette.weights;

import org.jspecify.annotations.NullMarked;
