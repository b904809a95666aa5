package dev.vignette.cli.llava;

import dev.vignette.captions.run.CaptionWorkers;
import dev.vignette.captions.run.ImageInput;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.ImageInputs;
import dev.vignette.captions.run.RunOutput;
import dev.vignette.captions.run.RunPlan;
import dev.vignette.captions.run.RunResult;
import dev.vignette.captions.run.RunResult.RunStatus;
import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.eval.Scoring;
import dev.vignette.cli.run.DistinctOutputs;
import dev.vignette.cli.run.InterruptGuard;
import dev.vignette.cli.run.RunConsole;
import dev.vignette.eval.EvalInputs;
import dev.vignette.eval.ImageFolder;
import dev.vignette.eval.Ranking;
import dev.vignette.files.OutputFolder;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.images.RgbImage;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llava.CaptionSetting;
import dev.vignette.llava.LlavaModels;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.llava.LlavaWorkers;
import dev.vignette.llava.LlavaWorkers.BatchPlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Instructions and generation settings on the same images: captioned, scored, ranked.
 *
 * @param settings what is compared
 * @param model what captions
 * @param plan the images and, in {@link #files}, where their captions go
 * @param place where the comparison goes, and the references
 * @param scoring how captions are scored
 */
public record LlavaComparison(
    List<CaptionSetting> settings, Model model, RunPlan plan, Place place, Scoring scoring) {

  /**
   * The model that captions.
   *
   * @param options which it is; it has room for every setting
   * @param devices it is opened on each
   * @param batches how many images are decoded at once
   */
  public record Model(LlavaOptions options, List<DeviceRequest> devices, BatchPlan batches) {}

  /**
   * Files of a comparison.
   *
   * @param folder where everything goes
   * @param annotations the references
   */
  public record Place(Path folder, Path annotations) {}

  /** How a comparison ended; what it captioned is saved in either case. */
  public sealed interface ComparisonOutcome {
    /** How the captioning ended. */
    RunResult run();
  }

  /**
   * All images were looked at, and those with captions are scored.
   *
   * @param report has been written
   */
  public record Ranked(RunResult run, ComparisonReport report) implements ComparisonOutcome {}

  /** The captioning stopped or was interrupted, or no image has captions. */
  public record Unranked(RunResult run) implements ComparisonOutcome {}

  /** Copies the settings. */
  public LlavaComparison {
    settings = List.copyOf(settings);
  }

  /**
   * The files of a comparison's captions, in a folder that is made where it is not there.
   *
   * @param read files that must not be written over
   * @throws UsageException if the folder cannot take the captions of {@code inputs}
   */
  public static RunOutput.Saved files(
      Path folder, List<CaptionSetting> settings, KeyMode keys, ImageInputs inputs, List<Path> read)
      throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new UsageException(
          "--output is a folder, but %s is a file. Give another.".formatted(folder));
    }
    OutputFolder.make(folder);
    List<String> names = settings.stream().map(CaptionSetting::name).toList();
    RunOutput.Saved files = RunOutput.Saved.in(folder, names, keys);
    requireKept(files, folder, read);
    ComparisonReport.requireFree(folder);
    files.require(inputs, read);
    return files;
  }

  /**
   * Takes a comparison's folder for this process until the lock is closed: captions and tables are
   * of one run.
   *
   * @throws IllegalArgumentException if another process has it
   */
  public static ProcessLock hold(Path folder) {
    return OutputFolder.take(folder, ComparisonReport.FILES.getLast());
  }

  /** Refuses a folder in which what is written would take the place of what it is made from. */
  private static void requireKept(RunOutput.Saved files, Path folder, List<Path> read) {
    DistinctOutputs outputs = new DistinctOutputs();
    for (String name : ComparisonReport.FILES) {
      outputs.add(name, folder.resolve(name));
    }
    files
        .bySetting()
        .forEach((setting, file) -> outputs.add("the setting " + setting, file.path()));
    outputs.requireKept("an input,", read);
  }

  /**
   * Captions what is lacking, scores and ranks, and writes the report; progress and notes go to
   * {@code err}. Ctrl-C ends it in good order. An earlier report is deleted when captions change.
   * The caller has taken the folder by {@link #hold}.
   */
  public ComparisonOutcome run(PrintWriter err) {
    SettingTimings timings;
    RunResult result;
    try (LlavaModels llava = LlavaModels.open(model.options(), model.devices());
        InterruptGuard guard = InterruptGuard.install(err)) {
      LlavaWorkers workers = new LlavaWorkers(llava, settings, model.batches());
      CaptionWorkers<RgbImage> told = new ToldOfWork<>(workers, this::deleteEarlierReport);
      result = RunConsole.run(plan, told, guard.stopSignal(), err);
      timings = SettingTimings.of(plan.inputs().images().size(), workers);
    }
    if (!result.failures().isEmpty()) { // whose captions may be gone
      deleteEarlierReport();
    }
    Map<String, Path> done = captioned(result);
    if (!(result.status() instanceof RunStatus.Completed) || done.isEmpty()) {
      return new Unranked(result);
    }
    try (InterruptGuard _ = InterruptGuard.endingAtOnce(err, "the captions are kept")) {
      ComparisonReport report = new ComparisonReport(rank(done, err), settings, timings);
      report.write(place.folder());
      return new Ranked(result, report);
    }
  }

  private void deleteEarlierReport() {
    for (String name : ComparisonReport.FILES) {
      Path file = place.folder().resolve(name);
      try {
        Files.deleteIfExists(file);
      } catch (IOException failure) {
        throw new UnwritableFileException(
            "%s is of earlier captions and cannot be deleted (%s). Delete it, or choose another folder."
                .formatted(file, UnwritableFileException.reasonOf(failure)),
            failure);
      }
    }
  }

  /** The images that have captions now, by key. */
  private Map<String, Path> captioned(RunResult result) {
    Map<String, Path> done = new LinkedHashMap<>();
    for (ImageInput image : plan.inputs().images()) {
      done.put(image.key(), image.path());
    }
    result.failures().forEach(failure -> done.remove(failure.image().key()));
    return done;
  }

  private Ranking rank(Map<String, Path> done, PrintWriter err) {
    SequencedMap<String, EvalInputs> systems = new LinkedHashMap<>();
    for (CaptionSetting setting : settings) {
      Path captions = place.folder().resolve(setting.name() + ".json");
      systems.put(
          setting.name(), EvalInputs.read(captions, place.annotations(), true).only(done.keySet()));
    }
    return scoring.rank(systems, new ImageFolder(place.folder(), done), err);
  }
}
