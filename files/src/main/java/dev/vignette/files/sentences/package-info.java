/** What sentences to the user have in common. */
@NullMarked
package dev.vignette.files.sentences;

import org.jspecify.annotations.NullMarked;
