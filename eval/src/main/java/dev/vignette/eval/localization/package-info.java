/**
 * Whether a word's attention lies on what it names: pointing game and mass in boxes, for each layer
 * and head, against maps that know nothing of the word.
 */
@NullMarked
package dev.vignette.eval.localization;

import org.jspecify.annotations.NullMarked;
