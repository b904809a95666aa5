/** Instructions and generation settings held against each other. */
@NullMarked
package dev.vignette.llava.compare;

import org.jspecify.annotations.NullMarked;
