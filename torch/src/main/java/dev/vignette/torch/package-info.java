/**
 * The foundation on DJL's PyTorch: memory-mapped weights, fused operations as TorchScript,
 * transformer blocks with attention taps, vision and text transformers.
 */
@NullMarked
package dev.vignette.torch;

import org.jspecify.annotations.NullMarked;
