package dev.vignette.captioner.train;

/** Hears what a training run does; messages are for people. */
public interface TrainListener {
  /**
   * A step that was made.
   *
   * @param epoch from 0
   * @param epochs of the run
   * @param step of the epoch, from 1
   * @param steps of an epoch
   * @param loss of its last batch
   * @param rate it was made with
   */
  record Step(int epoch, int epochs, int step, int steps, double loss, double rate) {}

  /** Something a person should know. */
  void say(String message);

  /** Something that is probably wrong. */
  void warn(String message);

  /** Images encoded so far. */
  void encoded(int done, int of);

  /** A step made. */
  void stepped(Step step);

  /** Validation images captioned so far. */
  void validated(int done, int of);
}
