/** From what a model attends to while it decodes to words and their maps. */
@NullMarked
package dev.vignette.attention.recording;

import org.jspecify.annotations.NullMarked;
