/** Caption metrics: CIDEr-D, BLEU and ROUGE-L, an image and over a corpus, and their intervals. */
@NullMarked
package dev.vignette.eval.metric;

import org.jspecify.annotations.NullMarked;
