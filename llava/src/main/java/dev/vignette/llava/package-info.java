/**
 * Captions by LLaVA-1.5 or JoyCaption in llama.cpp, zero-shot: an image, an instruction and a
 * generation configuration in, a caption out.
 */
@NullMarked
package dev.vignette.llava;

import org.jspecify.annotations.NullMarked;
