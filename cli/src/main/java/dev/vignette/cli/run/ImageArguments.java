package dev.vignette.cli.run;

import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.ImageInputs;
import dev.vignette.captions.run.ImageInputs.InputList;
import dev.vignette.captions.run.ImageInputs.InputRules;
import dev.vignette.captions.run.RunPlan.RunSettings;
import dev.vignette.captions.run.UsageException;
import dev.vignette.images.RgbImage.ImageReadOptions;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The options that say which images are captioned and how they are read: a picocli mix-in. */
public final class ImageArguments {
  private static final String STANDARD_INPUT = "-";

  @Parameters(
      arity = "0..*",
      paramLabel = "IMAGE|DIR|GLOB|-",
      description = {
        "Image files, folders (with the folders in them), globs in quotes such as 'photos/**/*.jpg',"
            + " tar shards of WebDataset such as 'shards/*.tar', or - for a list of paths on the"
            + " standard input, one a line.",
        "In folders and globs, files that are hidden or have no image's extension do not count."
      })
  private List<String> arguments = new ArrayList<>();

  @Option(
      names = "--list",
      paramLabel = "FILE",
      description =
          "A text file of paths of images or folders, one a line or with NUL between them; - is the standard input.")
  private @Nullable String list;

  @Option(
      names = "--exclude",
      paramLabel = "GLOB",
      description =
          "Leave out files and folders of this name ('*_thumb.jpg'), or of this path where it has slashes ('old/**'); may be repeated.")
  private List<String> excluded = new ArrayList<>();

  @Option(
      names = "--skip-unreadable",
      description = "Folders that cannot be listed are noted, and no failures.")
  private boolean skipUnreadable;

  @Option(
      names = "--keys",
      paramLabel = "stem|path",
      defaultValue = "stem",
      converter = KeyConverter.class,
      completionCandidates = KeyNames.class,
      description =
          "What names an image in the output: its file stem (in a shard the key of its sample), or its"
              + " path relative to the folder given (as written for files, globs and lists; a shard"
              + " counts as a folder). Default: ${DEFAULT-VALUE}.")
  private KeyMode keys = KeyMode.STEM;

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
      description = "Say only what goes wrong: no progress, no notes, no summary, no timings.")
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

  /** Whether any image was named. */
  public boolean given() {
    return !arguments.isEmpty() || list != null;
  }

  /** The files that are read to find the images: the list, and what the standard input is. */
  public List<Path> lists() {
    List<Path> lists = new ArrayList<>();
    if (list != null && !STANDARD_INPUT.equals(list)) {
      lists.add(Path.of(list));
    }
    if (STANDARD_INPUT.equals(list) || arguments.contains(STANDARD_INPUT)) {
      lists.add(Path.of("/dev/stdin")); // a link to the file that it is, if it is one
    }
    return lists;
  }

  /** What names an image in the output. */
  public KeyMode keys() {
    return keys;
  }

  /** Whether progress and summary are left out. */
  public boolean quiet() {
    return quiet;
  }

  /**
   * Finds the images.
   *
   * @param in the standard input, read where a list is on it
   * @throws UsageException if there are none, or one that was named is missing
   */
  public ImageInputs find(InputStream in) {
    requirePositive("--limit", limit);
    if (arguments.contains("") || "".equals(list)) {
      throw new UsageException(
          "The path of an image, a folder or a list is not empty, but one was given that is. Was a variable meant that is not set?");
    }
    List<String> paths = new ArrayList<>(arguments);
    List<String> listed = new ArrayList<>();
    boolean piped = paths.removeAll(List.of(STANDARD_INPUT));
    if (piped || STANDARD_INPUT.equals(list)) {
      listed.addAll(InputList.readStandardInput(in));
    }
    if (list != null && !STANDARD_INPUT.equals(list)) {
      listed.addAll(InputList.read(Path.of(list)));
    }
    return ImageInputs.find(paths, listed, keys, rules()).first(limit);
  }

  /** The images of a folder that takes the place of none named. */
  public ImageInputs findIn(Path folder) {
    requirePositive("--limit", limit);
    return ImageInputs.find(List.of(), List.of(folder.toString()), keys, rules()).first(limit);
  }

  private InputRules rules() {
    return new InputRules(excluded, skipUnreadable);
  }

  /** How the images are read, the rest by default. */
  public RunSettings settings() {
    requirePositive("--max-pixels", maxPixels);
    return RunSettings.defaults()
        .withReading(ImageReadOptions.DEFAULT.withUpright(!asStored).withMaxPixels(maxPixels));
  }

  private static void requirePositive(String option, long value) {
    if (value < 1) {
      throw new UsageException("%s is at least 1, but %d was given.".formatted(option, value));
    }
  }
}
