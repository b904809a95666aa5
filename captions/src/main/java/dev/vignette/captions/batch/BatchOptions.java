package dev.vignette.captions.batch;

import dev.vignette.captions.ImageReadOptions;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The options that every captioning command has: a picocli mix-in. */
public final class BatchOptions {
  private static final String STANDARD_INPUT = "-";
  private static final Path DEFAULT_OUTPUT = Path.of("predictions.json");

  @Parameters(
      arity = "0..*",
      paramLabel = "IMAGE|DIR|GLOB|-",
      description = {
        "Image files, folders (with the folders in them), globs in quotes such as 'photos/**/*.jpg',"
            + " or - for a list of paths on the standard input, one a line.",
        "In folders and globs, files that are hidden or have no image's extension do not count."
      })
  private List<String> arguments = new ArrayList<>();

  @Option(
      names = "--list",
      paramLabel = "FILE",
      description =
          "A text file of paths of images or folders, one a line; - is the standard input.")
  private @Nullable String list;

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
      names = "--details",
      description =
          "Also keep a JSONL beside the output (predictions.details.jsonl for predictions.json):"
              + " tokens, log-probabilities, milliseconds, model and settings. Without --output"
              + " the predictions go to predictions.json.")
  private boolean details;

  @Option(
      names = "--keys",
      paramLabel = "stem|path",
      defaultValue = "stem",
      converter = KeyConverter.class,
      completionCandidates = KeyNames.class,
      description =
          "What names an image in the output: its file stem, or its path relative to the folder"
              + " given (as written for files, globs and lists). Default: ${DEFAULT-VALUE}.")
  private KeyMode keys = KeyMode.STEM;

  @Option(
      names = "--overwrite",
      description =
          "Caption these images again even where that is done, and replace captions and sidecars"
              + " of other origin.")
  private boolean overwrite;

  @Option(names = "--limit", paramLabel = "N", description = "Caption only the first N images.")
  private int limit = Integer.MAX_VALUE;

  @Option(
      names = "--no-upright",
      description = "Take pixels as they are stored, not turned upright as their EXIF data say.")
  private boolean asStored;

  @Option(
      names = "--max-pixels",
      paramLabel = "N",
      description = "Refuse images of more pixels. Default: ${DEFAULT-VALUE}.")
  private long maxPixels = ImageReadOptions.PILLOW_MAX_PIXELS;

  @Option(
      names = {"-q", "--quiet"},
      description = "No progress and no summary; failures are listed all the same.")
  private boolean quiet;

  /** Of the names that {@link KeyMode} has on the command line. */
  static final class KeyConverter implements ITypeConverter<KeyMode> {
    @Override
    public KeyMode convert(String name) {
      try {
        return KeyMode.parse(name);
      } catch (IllegalArgumentException failure) {
        throw new TypeConversionException(String.valueOf(failure.getMessage()));
      }
    }
  }

  /** For the shell's completion. */
  static final class KeyNames extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    KeyNames() {
      super(List.of(KeyMode.STEM.toString(), KeyMode.PATH.toString()));
    }
  }

  /**
   * Finds the images and checks the outputs.
   *
   * @param in the standard input, read where a list is on it
   * @param out the standard output, where captions are printed without {@code --output}
   * @throws UsageException if this cannot be done; the message says why and what to do
   */
  public BatchPlan plan(InputStream in, PrintWriter out) {
    requireSense();
    List<String> paths = new ArrayList<>(arguments);
    List<String> listed = new ArrayList<>();
    boolean piped = paths.removeAll(List.of(STANDARD_INPUT));
    if (piped || STANDARD_INPUT.equals(list)) {
      listed.addAll(InputList.readStandardInput(in));
    }
    if (list != null && !STANDARD_INPUT.equals(list)) {
      listed.addAll(InputList.read(Path.of(list)));
    }
    ImageInputs inputs = ImageInputs.find(paths, listed, keys).first(limit);
    CaptionDestination destination = destination(inputs, out);
    if (destination instanceof OutputFiles files) {
      OutputCheck.require(files, inputs.images());
    }
    ImageReadOptions reading =
        ImageReadOptions.DEFAULT.withUpright(!asStored).withMaxPixels(maxPixels);
    return new BatchPlan(inputs, destination, RunSettings.defaults().withReading(reading), quiet);
  }

  private void requireSense() {
    if (!sidecars && (prefix != null || suffix != null)) {
      throw new UsageException(
          "--prefix and --suffix are for sidecars, but --sidecars was not given. Give it too, or leave them out.");
    }
    requirePositive("--limit", limit);
    requirePositive("--max-pixels", maxPixels);
  }

  private static void requirePositive(String option, long value) {
    if (value < 1) {
      throw new UsageException("%s is at least 1, but %d was given.".formatted(option, value));
    }
  }

  private CaptionDestination destination(ImageInputs inputs, PrintWriter out) {
    if (output == null && !sidecars && !details) {
      return new CaptionLines(out, inputs.images().size() > 1);
    }
    SidecarText text =
        sidecars
            ? new SidecarText(prefix == null ? "" : prefix, suffix == null ? "" : suffix)
            : null;
    return new OutputFiles(
        output == null ? DEFAULT_OUTPUT : output, keys, details, text, overwrite);
  }
}
