package dev.vignette.captions.run;

import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.FileStem;
import dev.vignette.files.faults.MalformedDataException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where the captions of a run go. */
public sealed interface RunOutput {

  /**
   * Lines of text, each written as soon as it is there. Nothing is remembered: a run that was ended
   * begins anew.
   *
   * @param out where they go
   * @param withPaths whether a line begins with the path of the image and a tab; line breaks within
   *     a caption become spaces then, and a control character in a path such as {@code \\u000a}
   */
  record Printed(PrintWriter out, boolean withPaths) implements RunOutput {
    private static final Pattern LINE_BREAK = Pattern.compile("\\s*\\R\\s*");
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    /**
     * Prints the caption of an image, at once.
     *
     * @throws OutputException if it cannot be printed
     */
    void print(ImageInput image, String caption) {
      out.println(
          withPaths
              ? onOneLine(image.path()) + "\t" + LINE_BREAK.matcher(caption).replaceAll(" ")
              : caption);
      if (out.checkError()) {
        throw new OutputException(
            "The captions cannot be printed: the other end is closed or full. Give --output FILE to have them saved.",
            new IOException("the print writer is in error"));
      }
    }

    private static String onOneLine(Path path) {
      return CONTROL
          .matcher(path.toString())
          .replaceAll(found -> "\\\\u%04x".formatted((int) found.group().charAt(0)));
    }
  }

  /**
   * A {@code predictions.json} for each setting, and what is kept beside it.
   *
   * @param bySetting the files by the name of their setting, in order; their folders exist
   * @param keys what names an image in them
   * @param details whether a JSONL of tokens, log-probabilities and timings is kept beside each
   * @param sidecars the text files beside the images, or null for none; for one setting only
   * @param overwrite whether the images of the run are captioned again even where that is done, and
   *     captions and sidecars of other origin are replaced
   * @param inFolder whether {@code --output} names their folder, and there is no {@code
   *     --overwrite}
   * @param exports the captions in other forms; for one setting only
   * @param shards the shards of the images with the captions in them, or null for none; for one
   *     setting only
   */
  record Saved(
      SequencedMap<String, PredictionsFile> bySetting,
      KeyMode keys,
      boolean details,
      @Nullable SidecarText sidecars,
      boolean overwrite,
      boolean inFolder,
      List<CaptionExport> exports,
      @Nullable ShardExport shards)
      implements RunOutput {

    /** Copies the files. */
    public Saved {
      bySetting = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(bySetting));
      if (bySetting.isEmpty()) {
        throw new IllegalArgumentException("A run has at least one setting, but none was given");
      }
      exports = List.copyOf(exports);
      if ((!exports.isEmpty() || shards != null) && bySetting.size() > 1) {
        throw new IllegalArgumentException(
            "An export has a caption an image, but there are %d settings"
                .formatted(bySetting.size()));
      }
      if (sidecars != null && bySetting.size() > 1) {
        throw new IllegalArgumentException(
            "An image has one sidecar, but there are %d settings".formatted(bySetting.size()));
      }
    }

    /** The output of a run with one setting. */
    public static Saved to(
        Path predictions,
        KeyMode keys,
        boolean details,
        @Nullable SidecarText sidecars,
        boolean overwrite) {
      SequencedMap<String, PredictionsFile> files = new LinkedHashMap<>();
      files.put(CaptionWorkers.ONLY_SETTING, new PredictionsFile(predictions));
      return new Saved(files, keys, details, sidecars, overwrite, false, List.of(), null);
    }

    /** {@code folder/NAME.json} for each setting. */
    public static Saved in(Path folder, List<String> settings, KeyMode keys) {
      SequencedMap<String, PredictionsFile> files = new LinkedHashMap<>();
      for (String setting : settings) {
        files.put(setting, new PredictionsFile(folder.resolve(setting + ".json")));
      }
      return new Saved(files, keys, false, null, false, true, List.of(), null);
    }

    /** The same output, with the captions in other forms too. */
    public Saved with(List<CaptionExport> more) {
      return new Saved(bySetting, keys, details, sidecars, overwrite, inFolder, more, shards);
    }

    /** The same output, with the shards written again too. */
    public Saved with(@Nullable ShardExport again) {
      return new Saved(bySetting, keys, details, sidecars, overwrite, inFolder, exports, again);
    }

    /** Returns the file of the first setting, which may be the only one. */
    public PredictionsFile first() {
      return bySetting.firstEntry().getValue();
    }

    /** Returns what a person would call the place: the file, or the folder of several. */
    Path place() {
      return inFolder ? first().path().resolveSibling("") : first().path();
    }

    /** Returns how to have captions made anew, as advice that the command can follow. */
    String overwriteAdvice() {
      return inFolder ? "another --output folder" : "--overwrite";
    }

    /**
     * Checks, before any work, that the files can take the captions of {@code inputs}.
     *
     * @throws UsageException if not
     */
    public void require(ImageInputs inputs) {
      require(inputs, List.of());
    }

    /**
     * Checks also that nothing that the run reads besides its images would be written over.
     *
     * @param read files and folders, such as the list of the images and those of a model; of a
     *     folder, the files that lie in it
     * @throws UsageException naming output and input
     */
    public void require(ImageInputs inputs, Collection<Path> read) {
      OutputCheck.require(this, inputs, read);
    }
  }

  /**
   * A {@code predictions.json} and the files that are kept beside it, where it is a symbolic link
   * beside what that leads to: whatever a run calls the file, its journal is one, and the journal's
   * lock is that of whoever writes the file, in whatever form.
   *
   * @param path of the {@code predictions.json}
   */
  record PredictionsFile(Path path) {
    private static final String JSON = ".json";

    /**
     * Returns {@code predictions.json.journal}, which says for each caption what it was made of. It
     * makes a killed run go on and a changed image be captioned again; keep it beside the
     * predictions.
     */
    public Path journal() {
      Path place = behindLinks();
      return place.resolveSibling(place.getFileName() + ".journal");
    }

    /** Returns {@code predictions.details.jsonl} beside {@code predictions.json}. */
    public Path details() {
      Path place = behindLinks();
      String name = String.valueOf(place.getFileName());
      String stem = name.endsWith(JSON) ? name.substring(0, name.length() - JSON.length()) : name;
      return place.resolveSibling(stem + ".details.jsonl");
    }

    /**
     * Returns whether a run may keep others from it by a lock beside it. A pipe or a device takes
     * any number of writers.
     */
    boolean isLockable() {
      Path folder = path.toAbsolutePath().getParent();
      return folder != null
          && Files.isDirectory(folder)
          && (Files.notExists(path) || Files.isRegularFile(path));
    }

    private Path behindLinks() {
      try {
        return Files.isSymbolicLink(path) ? AtomicFile.behindLinks(path) : path;
      } catch (IOException _) {
        return path; // whoever opens it says why that cannot be done
      }
    }

    /**
     * Reads the captions that are there, none if the file is missing.
     *
     * @throws UsageException if it is there and no captions by file
     */
    SortedMap<String, String> read() {
      if (Files.notExists(path)) {
        return new TreeMap<>();
      }
      Predictions predictions;
      try {
        predictions = Predictions.read(path);
      } catch (MalformedDataException | UncheckedIOException failure) {
        throw new UsageException(
            "The output holds no predictions that could be added to. %s Move it away, or give another --output."
                .formatted(failure.getMessage()),
            failure);
      }
      if (predictions.keys() != Predictions.Keys.FILE) {
        throw new UsageException(
            "The output %s is a COCO results list by image id, and captions by file cannot be added to it. Give another --output."
                .formatted(path));
      }
      return new TreeMap<>(predictions.captions());
    }
  }

  /**
   * What the text file of each image says, {@code prefix + caption + suffix}, without a line end,
   * and where it is.
   *
   * @param prefix before the caption, empty for nothing
   * @param suffix after the caption, empty for nothing
   * @param extension of the file, with its dot
   * @param folder where the files are, by the key of their image; empty for beside each image
   */
  record SidecarText(String prefix, String suffix, String extension, Optional<Path> folder) {
    /** The extension where none is wished. */
    public static final String TXT = ".txt";

    /** Checks that the extension is one. */
    public SidecarText {
      if (extension.length() < 2 || extension.charAt(0) != '.' || extension.indexOf('/') >= 0) {
        throw new UsageException(
            "The extension of sidecars is a dot and letters, such as .caption, but \"%s\" was given."
                .formatted(extension));
      }
      if (ImageFormats.isPicture(extension)) {
        throw new UsageException(
            "Sidecars as %s would take the place of pictures. Give another --sidecar-extension, such as .caption."
                .formatted(extension));
      }
      if (extension.toLowerCase(Locale.ROOT).endsWith(".json")) {
        throw new UsageException(
            "Sidecars as %s would take the place of what others say of the images, and a caption is no JSON. Give another --sidecar-extension, such as .caption."
                .formatted(extension));
      }
    }

    /** A {@code .txt} beside each image. */
    public SidecarText(String prefix, String suffix) {
      this(prefix, suffix, TXT, Optional.empty());
    }

    String of(String caption) {
      return prefix + caption + suffix;
    }

    /**
     * The text file of {@code image}: {@code a/b.txt} for {@code a/b.jpg}, or {@code folder/b.txt}
     * by its key {@code b}.
     */
    Path fileOf(ImageInput image) {
      if (folder.isEmpty()) {
        return image.path().resolveSibling(FileStem.of(image.path()) + extension);
      }
      // A key that is a path may begin with a slash or lead upwards: only its names count.
      Path within = Path.of("/", image.key()).normalize();
      String stem = FileStem.ofImage(String.valueOf(within.getFileName()));
      return folder.get().resolve(Path.of("/").relativize(within)).resolveSibling(stem + extension);
    }
  }
}
