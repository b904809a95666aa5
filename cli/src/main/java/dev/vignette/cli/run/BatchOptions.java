package dev.vignette.cli.run;

import dev.vignette.captions.run.CaptionExport;
import dev.vignette.captions.run.ImageInputs;
import dev.vignette.captions.run.RunOutput;
import dev.vignette.captions.run.RunOutput.SidecarText;
import dev.vignette.captions.run.RunPlan;
import dev.vignette.captions.run.ShardExport;
import dev.vignette.captions.run.UsageException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that every captioning command has: a picocli mix-in. */
public final class BatchOptions {
  private static final Path DEFAULT_OUTPUT = Path.of("predictions.json");

  @Mixin private ImageArguments images = new ImageArguments();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = {
        "Where the captions go, as {\"key\": \"caption\"}, with a journal FILE.journal beside it:"
            + " run again, what is done is skipped, and what changed (image, model, settings) is"
            + " captioned again. Captions of other images in FILE stay.",
        "Without it captions are printed, with the path before each if there are several."
      })
  private @Nullable Path output;

  @Option(
      names = "--sidecars",
      description =
          "Also write each caption to a .txt beside its image. Texts that this program did not"
              + " write stay. Without --output the predictions go to predictions.json.")
  private boolean sidecars;

  @Option(
      names = "--prefix",
      paramLabel = "TEXT",
      description = "Goes before each caption in the sidecars.")
  private @Nullable String prefix;

  @Option(
      names = "--suffix",
      paramLabel = "TEXT",
      description = "Goes after each caption in the sidecars.")
  private @Nullable String suffix;

  @Option(
      names = "--sidecar-folder",
      paramLabel = "DIR",
      description =
          "The sidecars go to this folder, each by the key of its image. Default: beside the images.")
  private @Nullable Path sidecarFolder;

  @Option(
      names = "--sidecar-extension",
      paramLabel = ".EXT",
      description = "The extension of the sidecars, such as .caption. Default: .txt.")
  private @Nullable String sidecarExtension;

  @Option(
      names = "--details",
      description =
          "Also keep a JSONL beside the output (predictions.details.jsonl for predictions.json):"
              + " tokens, log-probabilities, milliseconds, model and settings. Without --output"
              + " the predictions go to predictions.json.")
  private boolean details;

  @Option(
      names = "--coco-results",
      paramLabel = "FILE",
      description =
          "Also write COCO's list of results, of images with numbers for names. Captions corrected in"
              + " it by hand are not replaced but refused: correct them in the output. Without"
              + " --output the predictions go to predictions.json.")
  private @Nullable Path cocoResults;

  @Option(
      names = "--metadata",
      paramLabel = "FILE",
      description =
          "Also write Hugging Face's metadata.jsonl, in the folder of the images; as for"
              + " --coco-results, captions corrected in it are refused. Without --output the"
              + " predictions go to predictions.json.")
  private @Nullable Path metadata;

  @Option(
      names = "--webdataset",
      paramLabel = "DIR",
      description =
          "Also write the tar shards again into this folder, each when its images are done: the same"
              + " samples in the same order, with a .txt for each caption. Shards that are written are"
              + " not written again. Without --output the predictions go to predictions.json.")
  private @Nullable Path webdataset;

  @Option(
      names = "--webdataset-extension",
      paramLabel = ".EXT",
      description =
          "The extension of the captions in these shards, such as .caption. Default: .txt, in the"
              + " place of those that are there.")
  private @Nullable String webdatasetExtension;

  @Option(
      names = "--overwrite",
      description =
          "Caption these images again even where that is done, and replace captions, sidecars,"
              + " --coco-results, --metadata and --webdataset of other origin.")
  private boolean overwrite;

  /**
   * Finds the images and checks the outputs.
   *
   * @param in the standard input, read where a list is on it
   * @param out the standard output, where captions are printed without {@code --output}
   * @param read files and folders that the run reads besides its images
   * @throws UsageException if this cannot be done; the message says why and what to do
   */
  public RunPlan plan(InputStream in, PrintWriter out, Collection<Path> read) {
    requireSense();
    ImageInputs inputs = images.find(in);
    RunOutput to = output(inputs, out);
    if (to instanceof RunOutput.Saved files) {
      List<Path> all = new ArrayList<>(read);
      all.addAll(images.lists());
      files.require(inputs, all);
    }
    return new RunPlan(inputs, to, images.settings(), images.quiet());
  }

  private void requireSense() {
    requireName("--output", output);
    requireName("--coco-results", cocoResults);
    requireName("--metadata", metadata);
    requireName("--webdataset", webdataset);
    requireName("--sidecar-folder", sidecarFolder);
    if (!sidecars && (prefix != null || suffix != null)) {
      throw new UsageException(
          "--prefix and --suffix are for sidecars, but --sidecars was not given. Give it too, or leave them out.");
    }
    if (!sidecars && (sidecarFolder != null || sidecarExtension != null)) {
      throw new UsageException(
          "--sidecar-folder and --sidecar-extension are for sidecars, but --sidecars was not given. Give it too, or leave them out.");
    }
    if (webdataset == null && webdatasetExtension != null) {
      throw new UsageException(
          "--webdataset-extension is for shards that are written, but --webdataset was not given. Give it too, or leave it out.");
    }
  }

  private static void requireName(String option, @Nullable Path place) {
    if (place != null && place.toString().equals("-")) {
      throw new UsageException(
          "%s takes a name, not \"-\": captions are printed where no output is given. What has that name is ./-."
              .formatted(option));
    }
  }

  private RunOutput output(ImageInputs inputs, PrintWriter out) {
    List<CaptionExport> exports = exports();
    if (output == null && !sidecars && !details && exports.isEmpty() && webdataset == null) {
      return new RunOutput.Printed(out, inputs.images().size() > 1);
    }
    SidecarText text =
        sidecars
            ? new SidecarText(
                prefix == null ? "" : prefix,
                suffix == null ? "" : suffix,
                sidecarExtension == null ? SidecarText.TXT : sidecarExtension,
                Optional.ofNullable(sidecarFolder))
            : null;
    RunOutput.Saved saved =
        RunOutput.Saved.to(
                output == null ? DEFAULT_OUTPUT : output, images.keys(), details, text, overwrite)
            .with(exports);
    return webdataset == null
        ? saved
        : saved.with(
            new ShardExport(
                webdataset, webdatasetExtension == null ? SidecarText.TXT : webdatasetExtension));
  }

  private List<CaptionExport> exports() {
    List<CaptionExport> exports = new ArrayList<>();
    if (cocoResults != null) {
      exports.add(new CaptionExport(CaptionExport.Form.COCO_RESULTS, cocoResults));
    }
    if (metadata != null) {
      exports.add(new CaptionExport(CaptionExport.Form.METADATA, metadata));
    }
    return exports;
  }
}
