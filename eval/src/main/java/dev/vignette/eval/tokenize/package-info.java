/** Captions to tokens: Penn-Treebank rules as the caption evaluation tools apply them. */
@NullMarked
package dev.vignette.eval.tokenize;

import org.jspecify.annotations.NullMarked;
