/** What each word of a caption looked at: traces, words, maps over the picture, and their pages. */
@NullMarked
package dev.vignette.attention;

import org.jspecify.annotations.NullMarked;
