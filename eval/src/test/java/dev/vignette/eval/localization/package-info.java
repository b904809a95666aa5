@org.jspecify.annotations.NullMarked
package dev.vignette.eval.localization;
