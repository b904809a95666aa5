package dev.vignette.captions.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What is said on the standard error when a run has ended. */
public final class RunSummary {
  private RunSummary() {}

  /** The lines; none for a single image that was captioned and printed. */
  public static List<String> lines(RunResult result, RunOutput output) {
    List<String> lines = new ArrayList<>();
    boolean saved = output instanceof RunOutput.Saved;
    if (result.images() > 1 || saved) {
      lines.add(counts(result));
    }
    if (output instanceof RunOutput.Saved files) {
      lines.addAll(notes(result, files));
    }
    lines.addAll(ending(result, saved));
    return lines;
  }

  /**
   * Only what went wrong, for a run that said nothing while it went on: workers that were missed,
   * images that failed, captions that are not saved, an early end.
   */
  public static List<String> troubles(RunResult result, RunOutput output) {
    List<String> lines = new ArrayList<>(result.notes());
    if (output instanceof RunOutput.Saved files && !result.saved()) {
      lines.add(notSaved(files));
    }
    lines.addAll(blocked(result));
    lines.addAll(ending(result, output instanceof RunOutput.Saved));
    return lines;
  }

  /** What {@code --overwrite} does not replace either. */
  private static List<String> blocked(RunResult result) {
    List<String> places = result.sidecarsBlocked().stream().map(Path::toString).toList();
    return places.isEmpty()
        ? List.of()
        : List.of(
            "%d %s not written: links, folders, pipes or files too large for a caption lie in their places (%s). Move these away, or give another --sidecar-extension or --sidecar-folder, and run the same command again."
                .formatted(
                    places.size(),
                    places.size() == 1 ? "sidecar was" : "sidecars were",
                    ImageInputs.firstOf(places, ", ")));
  }

  private static List<String> ending(RunResult result, boolean saved) {
    List<String> lines = new ArrayList<>();
    if (!result.failures().isEmpty()) {
      lines.add(
          result.failures().size() == 1
              ? "1 image could not be captioned:"
              : result.failures().size() + " images could not be captioned:");
      result.failures().forEach(failure -> lines.add("  " + failure.line()));
    }
    switch (result.status()) {
      case RunStatus.Completed _ -> {}
      case RunStatus.Interrupted _ ->
          lines.add(
              saved
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

  private static String counts(RunResult result) {
    double seconds = result.timings().totalSeconds();
    StringBuilder line = new StringBuilder();
    line.append(
        "%d captioned, %d reused, %d failed"
            .formatted(result.captioned(), result.reused(), result.failures().size()));
    if (result.remaining() > 0) {
      line.append(", %d left".formatted(result.remaining()));
    }
    line.append(String.format(Locale.ROOT, " in %.1f s", seconds));
    if (result.captioned() > 1 && seconds > 0) {
      line.append(String.format(Locale.ROOT, " (%.1f images/s)", result.captioned() / seconds));
    }
    return line.append('.').toString();
  }

  private static List<String> notes(RunResult result, RunOutput.Saved output) {
    List<String> notes = new ArrayList<>();
    notes.add(
        result.saved() ? "The captions are in %s.".formatted(output.place()) : notSaved(output));
    if (result.writtenByHand() > 0) {
      notes.add(
          "Kept: %d captions in it that this program did not make; %s makes them anew."
              .formatted(result.writtenByHand(), output.overwriteAdvice()));
    }
    if (result.sidecarsLeft() > 0) {
      notes.add(
          "Left alone: %d sidecars with other text; --overwrite replaces them."
              .formatted(result.sidecarsLeft()));
    }
    notes.addAll(blocked(result));
    return notes;
  }
}
