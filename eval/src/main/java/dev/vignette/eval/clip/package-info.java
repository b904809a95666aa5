/** CLIPScore and RefCLIPScore: captions held against the pictures themselves. */
@NullMarked
package dev.vignette.eval.clip;

import org.jspecify.annotations.NullMarked;
