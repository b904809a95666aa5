/**
 * Captions of one image or ten thousand, the engine that every captioning command shares: inputs,
 * prefetch, outputs that survive a kill, resume, failures, progress and interruption.
 *
 * <p>A command fills {@link dev.vignette.cli.run.BatchOptions}, turns it into a {@link
 * dev.vignette.captions.batch.BatchPlan} before it loads its model, and runs the plan with its
 * {@link dev.vignette.captions.batch.ImageCaptioner}.
 */
@NullMarked
package dev.vignette.captions.run;

import org.jspecify.annotations.NullMarked;
