/**
 * How the native libraries are found, loaded and checked, and the callbacks that llama.cpp makes
 * into Java.
 */
@NullMarked
package dev.vignette.llama.internal;

import org.jspecify.annotations.NullMarked;
