package dev.vignette.captioner.train;

/** Hears what a training run does; messages are for people. */
public interface TrainListener {
  /** Something a person should know. */
  void say(String message);

  /** Something that is probably wrong. */
  void warn(String message);

  /** Images encoded so far. */
  void encoded(int done, int of);

  /** A step made. */
  void stepped(int epoch, long step, long ofSteps, double loss, double rate);
}
