/** The report: comparisons, training runs and attention of both captioners on one page. */
@NullMarked
package dev.vignette.cli.report;

import org.jspecify.annotations.NullMarked;
