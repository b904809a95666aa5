/** Reports of evaluations: lines, JSON, CSV and one HTML page. */
@NullMarked
package dev.vignette.eval.report;

import org.jspecify.annotations.NullMarked;
