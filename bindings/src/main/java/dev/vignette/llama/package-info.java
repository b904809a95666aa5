/**
 * A safe layer over llama.cpp and libmtmd: models, contexts, batches, and vision projectors as
 * owners of native memory. No native pointer leaves this package; what would end the process is
 * refused in Java before the call.
 */
@NullMarked
package dev.vignette.llama;

import org.jspecify.annotations.NullMarked;
