@NullMarked
package dev.vignette.cli.captioner;

import org.jspecify.annotations.NullMarked;
