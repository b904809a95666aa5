package dev.vignette.captions.run;

/** How a run ended. */
public sealed interface RunStatus {
  /** Every image was looked at. */
  record Completed() implements RunStatus {}

  /** {@link StopSignal} asked for the end; what was done is saved. */
  record Interrupted() implements RunStatus {}

  /**
   * It made no sense to go on, such as with a full disk; what was done is in the journal.
   *
   * @param reason whole sentences
   */
  record Stopped(String reason) implements RunStatus {}
}
