package dev.vignette.captions.run;

import java.nio.file.Path;
import java.util.List;

/**
 * What came of a run.
 *
 * @param images how many there were, files and folders that could not be captioned among them
 * @param captioned how many were captioned now
 * @param reused how many had captions of the same image, model and settings
 * @param writtenByHand how many had captions that this program did not make, which were kept
 * @param sidecarsLeft how many sidecars held another's text and were left alone
 * @param sidecarsBlocked where a sidecar should be, but something lies that is none, such as a link
 * @param saved whether all captions so far are in the predictions, not in the journal only
 * @param failures the images without a caption, or not with all, in the order of the run
 * @param notes sentences on how it went on, such as without a worker that could not be opened
 * @param status how it ended
 * @param timings where the time went
 */
public record RunResult(
    int images,
    int captioned,
    int reused,
    int writtenByHand,
    int sidecarsLeft,
    List<Path> sidecarsBlocked,
    boolean saved,
    List<Outcome.Failed> failures,
    List<String> notes,
    RunStatus status,
    RunTimings timings) {
  /** The exit code of a run in which some images failed. */
  public static final int FAILED = 1;

  /** The exit code of a run that stopped before its end; started again it goes on. */
  public static final int STOPPED = 3;

  /** The exit code of a run that was interrupted: 128 + SIGINT. */
  public static final int INTERRUPTED = 130;

  /** Copies the lists. */
  public RunResult {
    sidecarsBlocked = List.copyOf(sidecarsBlocked);
    failures = List.copyOf(failures);
    notes = List.copyOf(notes);
  }

  /**
   * Returns 0 if every image has its captions, 1 if some have not, 3 if the run stopped and goes on
   * when it is started again, 130 after an interruption.
   */
  public int exitCode() {
    return switch (status) {
      case RunStatus.Interrupted _ -> INTERRUPTED;
      case RunStatus.Stopped _ -> STOPPED;
      case RunStatus.Completed _ -> failures.isEmpty() ? 0 : FAILED;
    };
  }

  /** How many images were not looked at. */
  public int remaining() {
    return images - captioned - reused - writtenByHand - failures.size();
  }
}
