package dev.vignette.captions.batch;

/** Where the captions of a run go. */
public sealed interface CaptionDestination permits OutputFiles, CaptionLines {}
