package dev.vignette.captions.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
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
      OutputCheck.require(this, inputs);
    }
  }
}
