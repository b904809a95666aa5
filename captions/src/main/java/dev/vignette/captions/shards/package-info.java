/** WebDataset shards: tar archives of pictures and their captions, packed or not. */
@NullMarked
package dev.vignette.captions.shards;

import org.jspecify.annotations.NullMarked;
