/**
 * LLaVA models as Hugging Face publishes them, made into the two GGUF files that llama.cpp reads:
 * the language model and the projector with its vision tower. Java alone; llama.cpp quantizes.
 */
@NullMarked
package dev.vignette.llava.convert;

import org.jspecify.annotations.NullMarked;
