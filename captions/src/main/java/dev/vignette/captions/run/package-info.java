/**
 * Captions of one image or ten thousand, the engine that every captioning command shares: inputs,
 * prefetch, outputs that survive a kill, resume, failures, progress and interruption.
 *
 * <p>A command makes a {@link dev.vignette.captions.run.RunPlan} before it loads its model, and a
 * {@link dev.vignette.captions.run.CaptionRun} carries it out by the model's {@link
 * dev.vignette.captions.run.CaptionWorkers}.
 */
@NullMarked
package dev.vignette.captions.run;

import org.jspecify.annotations.NullMarked;
