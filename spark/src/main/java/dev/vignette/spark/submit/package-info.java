/** {@code vignette-spark}: from images on a file system of a cluster to a Parquet of captions. */
@NullMarked
package dev.vignette.spark.submit;

import org.jspecify.annotations.NullMarked;
