@NullMarked
package dev.vignette.torch.clip;

import org.jspecify.annotations.NullMarked;
