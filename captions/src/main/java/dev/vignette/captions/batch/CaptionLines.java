package dev.vignette.captions.batch;

import java.io.PrintWriter;

/**
 * Captions as lines of text, each written as soon as it is there. Nothing is remembered: a run that
 * was ended begins anew.
 *
 * @param out where they go
 * @param withPaths whether a line begins with the path of the image and a tab, and line breaks
 *     within a caption become spaces
 */
public record CaptionLines(PrintWriter out, boolean withPaths) implements CaptionDestination {}
