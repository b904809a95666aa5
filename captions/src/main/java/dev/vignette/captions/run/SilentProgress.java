package dev.vignette.captions.run;

/** Says nothing. */
record SilentProgress() implements ProgressReporter {
  @Override
  public void started(int images) {}

  @Override
  public void advanced(Step step) {}

  @Override
  public void close() {}
}
