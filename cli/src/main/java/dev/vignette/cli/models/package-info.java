/** Models by their names: pulled from the hub, found in the cache, put in the place of options. */
@NullMarked
package dev.vignette.cli.models;

import org.jspecify.annotations.NullMarked;
