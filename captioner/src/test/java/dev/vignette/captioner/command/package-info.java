@NullMarked
package dev.vignette.captioner.command;

import org.jspecify.annotations.NullMarked;
