package dev.vignette.captions.run;

import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What came of a run.
 *
 * @param images how many there were, files and folders that could not be captioned among them
 * @param captioned how many were captioned now
 * @param reused how many had captions of the same image, model and settings
 * @param writtenByHand how many had captions that this program did not make, which were kept
 * @param others how many texts the outputs hold besides, which are captions of neither this program
 *     nor an image of the run
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
    int others,
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
   * Returns 0 if every image has its captions, 1 if some have not or a sidecar has no place, 3 if
   * the run stopped and goes on when it is started again, 130 after an interruption.
   */
  public int exitCode() {
    return switch (status) {
      case RunStatus.Interrupted _ -> INTERRUPTED;
      case RunStatus.Stopped _ -> STOPPED;
      case RunStatus.Completed _ -> failures.isEmpty() && sidecarsBlocked.isEmpty() ? 0 : FAILED;
    };
  }

  /** How many images were not looked at. */
  public int remaining() {
    return images - captioned - reused - writtenByHand - failures.size();
  }

  /**
   * Says on the standard error how the run ended; nothing of a single image that was captioned and
   * printed.
   */
  public List<String> summary(RunOutput output) {
    List<String> lines = new ArrayList<>();
    boolean toFiles = output instanceof RunOutput.Saved;
    if (images > 1 || toFiles) {
      lines.add(counts());
    }
    if (output instanceof RunOutput.Saved files) {
      lines.addAll(outcome(files));
    }
    lines.addAll(ending(toFiles));
    return lines;
  }

  /**
   * Only what went wrong, for a run that said nothing while it went on: workers that were missed,
   * sidecars that were left, images that failed, captions that are not saved, an early end.
   */
  public List<String> troubles(RunOutput output) {
    List<String> lines = new ArrayList<>(notes);
    if (output instanceof RunOutput.Saved files && !saved) {
      lines.add(notSaved(files));
    }
    lines.addAll(leftAlone(output));
    lines.addAll(blocked());
    lines.addAll(ending(output instanceof RunOutput.Saved));
    return lines;
  }

  private List<String> leftAlone(RunOutput output) {
    boolean isOverwriting = output instanceof RunOutput.Saved saved && saved.overwrite();
    return sidecarsLeft == 0
        ? List.of()
        : List.of(
            "Left alone: %d sidecars with other text; --overwrite replaces them%s."
                .formatted(sidecarsLeft, isOverwriting ? " when it is typed once more" : ""));
  }

  /** What {@code --overwrite} does not replace either. */
  private List<String> blocked() {
    List<String> places = sidecarsBlocked.stream().map(Path::toString).toList();
    return places.isEmpty()
        ? List.of()
        : List.of(
            "%d %s not written: links, folders, pipes or files too large for a caption lie in their places, or their names have more than 255 bytes (%s). Move these away, rename the pictures, or give another --sidecar-extension or --sidecar-folder, and run the same command again."
                .formatted(
                    places.size(),
                    places.size() == 1 ? "sidecar was" : "sidecars were",
                    ImageInputs.firstOf(places, ", ")));
  }

  private List<String> ending(boolean toFiles) {
    List<String> lines = new ArrayList<>();
    if (!failures.isEmpty()) {
      lines.add(
          failures.size() == 1
              ? "1 image could not be captioned:"
              : failures.size() + " images could not be captioned:");
      failures.forEach(failure -> lines.add("  " + failure.line()));
    }
    switch (status) {
      case RunStatus.Completed _ -> {}
      case RunStatus.Interrupted _ ->
          lines.add(
              toFiles
                  ? "Interrupted; run the same command again to go on."
                  : "Interrupted; with --output a run can go on where it ended.");
      case RunStatus.Stopped(String reason) -> lines.add("Stopped. " + reason);
    }
    return lines;
  }

  private static String notSaved(RunOutput.Saved output) {
    return "Not all captions could be written to %s: those made now are in %s; run the same command again to have them there."
        .formatted(output.place(), journals(output));
  }

  private static String journals(RunOutput.Saved output) {
    return output.bySetting().size() == 1
        ? output.first().journal().toString()
        : "the journals beside them";
  }

  private String counts() {
    double seconds = timings.totalSeconds();
    StringBuilder line = new StringBuilder();
    line.append("%d captioned, %d reused, %d failed".formatted(captioned, reused, failures.size()));
    if (remaining() > 0) {
      line.append(", %d left".formatted(remaining()));
    }
    line.append(String.format(Locale.ROOT, " in %.1f s", seconds));
    if (captioned > 1 && seconds > 0) {
      line.append(String.format(Locale.ROOT, " (%.1f images/s)", captioned / seconds));
    }
    return line.append('.').toString();
  }

  private List<String> outcome(RunOutput.Saved output) {
    List<String> lines = new ArrayList<>();
    lines.add(saved ? "The captions are in %s.".formatted(output.place()) : notSaved(output));
    if (writtenByHand > 0) {
      lines.add(
          "Kept: %d captions in it that this program did not make; %s makes them anew."
              .formatted(writtenByHand, output.overwriteAdvice()));
    }
    if (others > 0) {
      lines.add(
          "Kept: %d texts in it that are captions of no image of this run and not of this program's making."
              .formatted(others));
    }
    lines.addAll(leftAlone(output));
    lines.addAll(blocked());
    return lines;
  }

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

  /**
   * Where the time of a run went, summed over its workers, from the first image to the last save;
   * for benchmarks.
   *
   * @param totalNanos from before the first image to after the last
   * @param waitingNanos waiting for images to be loaded on the prefetch threads
   * @param captioningNanos in {@link CaptionWorker#step}
   * @param savingNanos writing captions, journal, details and sidecars, and the predictions
   */
  public record RunTimings(
      long totalNanos, long waitingNanos, long captioningNanos, long savingNanos) {
    /** The part of the time, 0 to 1, that was not spent in {@link CaptionWorker#step}. */
    double shareOutsideCaptioning() {
      return totalNanos == 0 ? 0 : 1 - (double) captioningNanos / totalNanos;
    }

    /** The time in seconds. */
    public double totalSeconds() {
      return totalNanos / 1e9;
    }
  }

  /** What came of an image of a run. */
  public sealed interface Outcome {
    /** Returns the image. */
    ImageInput image();

    /** It was captioned now, by the settings that lacked it. */
    record Captioned(ImageInput image) implements Outcome {}

    /** It had its captions, made of the same file by the same model and settings. */
    record Reused(ImageInput image) implements Outcome {}

    /** It had captions that this program did not make, which were kept. */
    record WrittenByHand(ImageInput image) implements Outcome {}

    /**
     * It has no caption, or not all.
     *
     * @param message why, a whole sentence
     */
    record Failed(ImageInput image, String message) implements Outcome {
      /** Returns the message, after the path where it does not name it itself. */
      public String line() {
        String path = image.path().toString();
        return message.contains(path) ? message : path + ": " + message;
      }
    }
  }
}
