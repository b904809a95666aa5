@NullMarked
package dev.vignette.captioner.model;

import org.jspecify.annotations.NullMarked;
