/** Files that appear whole, and that two processes may share. */
@NullMarked
package dev.vignette.files;

import org.jspecify.annotations.NullMarked;
