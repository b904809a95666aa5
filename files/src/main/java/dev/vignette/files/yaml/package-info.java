/** Configuration files in YAML, read with line numbers and allowed values in every complaint. */
@NullMarked
package dev.vignette.files.yaml;

import org.jspecify.annotations.NullMarked;
