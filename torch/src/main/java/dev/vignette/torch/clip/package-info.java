/** CLIP: images and texts embedded into one space, from Hugging Face's files. */
@NullMarked
package dev.vignette.torch.clip;

import org.jspecify.annotations.NullMarked;
