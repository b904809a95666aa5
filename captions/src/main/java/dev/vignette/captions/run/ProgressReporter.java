package dev.vignette.captions.run;

/** Says how far a run is. Its methods are called by one thread at a time. */
public interface ProgressReporter extends AutoCloseable {
  /** What became of an image. */
  enum Step {
    /** It was captioned. */
    CAPTIONED,
    /** It had its caption. */
    REUSED,
    /** It could not be captioned. */
    FAILED
  }

  /** The run begins with {@code images} to look at. */
  void started(int images);

  /** One more image is done. */
  void advanced(Step step);

  /**
   * Lets {@code printing} write to the standard output, and nothing of its own stands in the way.
   */
  default void whilePrinting(Runnable printing) {
    printing.run();
  }

  /** Says a sentence on how the run goes on. */
  default void note(String sentence) {}

  /** The run is over; nothing more is said. */
  @Override
  void close();

  /** Says nothing. */
  static ProgressReporter silent() {
    return new SilentProgress();
  }

  /** Says nothing. */
  record SilentProgress() implements ProgressReporter {
    @Override
    public void started(int images) {}

    @Override
    public void advanced(Step step) {}

    @Override
    public void close() {}
  }
}
