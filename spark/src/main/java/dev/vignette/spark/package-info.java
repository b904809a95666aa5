/**
 * Captions and CLIPScores on Apache Spark: transformers of Spark ML that hold one model an
 * executor, and {@link dev.vignette.spark.submit}, the program for {@code spark-submit}.
 */
@NullMarked
package dev.vignette.spark;

import org.jspecify.annotations.NullMarked;
