/** What is wrong with a file that somebody gave. */
@NullMarked
package dev.vignette.files.faults;

import org.jspecify.annotations.NullMarked;
