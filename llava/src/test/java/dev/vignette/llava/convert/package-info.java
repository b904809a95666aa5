@NullMarked
package dev.vignette.llava.convert;

import org.jspecify.annotations.NullMarked;
