/** What is wrong with a file that was given for a model. */
@NullMarked
package dev.vignette.weights.faults;

import org.jspecify.annotations.NullMarked;
