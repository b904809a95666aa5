package dev.vignette.captions.batch;

import java.util.List;

/**
 * What came of a run.
 *
 * @param images how many there were
 * @param captioned how many were captioned now
 * @param reused how many had a caption of the same image, model and settings
 * @param writtenByHand how many had a caption that this program did not make, which was kept
 * @param sidecarsLeft how many sidecars held another's text and were left alone
 * @param failures the images that could not be captioned, in the order of the run
 * @param ending how it ended
 * @param timings where the time went
 */
public record RunResult(
    int images,
    int captioned,
    int reused,
    int writtenByHand,
    int sidecarsLeft,
    List<ImageFailure> failures,
    Ending ending,
    RunTimings timings) {
  /** Copies the list. */
  public RunResult {
    failures = List.copyOf(failures);
  }

  /** 0 if every image has a caption, 1 if some have none, 130 after an interruption. */
  public int exitCode() {
    return switch (ending) {
      case Ending.Interrupted _ -> InterruptGuard.EXIT_CODE;
      case Ending.Stopped _ -> 1;
      case Ending.Completed _ -> failures.isEmpty() ? 0 : 1;
    };
  }

  /** How many images were not looked at. */
  public int remaining() {
    return images - captioned - reused - writtenByHand - failures.size();
  }
}
