package dev.vignette.llava;

/**
 * A prompt the language model has read.
 *
 * @param ruleTokens its tokens, -1 in the image's places
 * @param readMillis milliseconds that reading the instruction took
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, within the package
record LlavaPrompt(int[] ruleTokens, double readMillis) {}
