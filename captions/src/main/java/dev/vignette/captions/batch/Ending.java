package dev.vignette.captions.batch;

/** How a run ended. */
public sealed interface Ending {
  /** Every image was looked at. */
  record Completed() implements Ending {}

  /** {@link StopSignal} asked for the end; what was done is saved. */
  record Interrupted() implements Ending {}

  /**
   * It made no sense to go on, such as with a full disk; what was done is in the journal.
   *
   * @param reason whole sentences
   */
  record Stopped(String reason) implements Ending {}
}
