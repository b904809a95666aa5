/** The captioner's decoder: GPT-2 behind projected visual rows, with low-rank adapters. */
@NullMarked
package dev.vignette.captioner.model;

import org.jspecify.annotations.NullMarked;
