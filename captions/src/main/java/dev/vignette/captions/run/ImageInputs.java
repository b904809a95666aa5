package dev.vignette.captions.run;

import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.RunResult.Outcome;
import dev.vignette.files.TextFile;
import dev.vignette.files.faults.MalformedDataException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.PatternSyntaxException;

/**
 * The images of a run in the order in which they are captioned: arguments in the order given, the
 * files of a folder or a glob sorted by path.
 *
 * @param images each once
 * @param notes sentences on what was left out, such as a folder without images
 * @param failures files and folders that were meant and cannot be captioned, such as a folder that
 *     cannot be listed
 */
public record ImageInputs(
    List<ImageInput> images, List<String> notes, List<Outcome.Failed> failures) {
  private static final int MOST_NAMED = 10;
  private static final List<String> SHARD_EXTENSIONS = List.of(".tar", ".tar.gz", ".tgz");

  /** Copies the lists. */
  public ImageInputs {
    images = List.copyOf(images);
    notes = List.copyOf(notes);
    failures = List.copyOf(failures);
  }

  /** Images of which nothing was left out. */
  static ImageInputs of(List<ImageInput> images) {
    return new ImageInputs(images, List.of(), List.of());
  }

  /**
   * Finds the images that {@code arguments} name: files, folders (with the folders in them), globs
   * such as {@code 'photos/**}{@code /*.jpg'}, and WebDataset shards such as {@code shards/0.tar}
   * or {@code 'shards/*.tar'}, of which each sample's picture is an image. Below a folder or a glob
   * only files with an image's extension count and hidden ones do not; a file named by its own path
   * always counts.
   *
   * @param arguments what the user named on the command line
   * @param listed paths of files and folders, taken as written: the lines of a list
   * @throws UsageException if there is no image, or a path is missing or no file
   */
  public static ImageInputs find(List<String> arguments, List<String> listed, KeyMode keys) {
    return find(arguments, listed, keys, InputRules.ALL);
  }

  /**
   * The same without what is left out by rules.
   *
   * @throws UsageException as there, or if a pattern says nothing
   */
  public static ImageInputs find(
      List<String> arguments, List<String> listed, KeyMode keys, InputRules rules) {
    InputFinder finder = new InputFinder(rules, keys);
    arguments.forEach(finder::addArgument);
    listed.forEach(finder::addPath);
    return new ImageInputs(finder.found(), finder.notes(), finder.failures());
  }

  /** Whether a path, a name or a pattern ends as WebDataset shards' names do. */
  public static boolean isShard(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return SHARD_EXTENSIONS.stream().anyMatch(lower::endsWith);
  }

  /** The first {@code most} of these images. */
  public ImageInputs first(int most) {
    return most >= images.size() ? this : new ImageInputs(images.subList(0, most), notes, failures);
  }

  /**
   * Checks that all images are files.
   *
   * @param why a reason to stand in a sentence: {@code a page shows them}
   * @throws UsageException if one lies within a shard
   */
  public void requireFiles(String why) {
    for (ImageInput image : images) {
      if (image.entry().isPresent()) {
        throw new UsageException(
            "These images are named as files, since %s, but %s lies within a shard. Unpack the shard, and name the folder."
                .formatted(why, image.path()));
      }
    }
  }

  /**
   * Checks that captions can be told apart by the keys.
   *
   * @param keys what the keys are, for the advice
   * @throws UsageException if two images share a key
   */
  void requireUniqueKeys(KeyMode keys) {
    Map<String, ImageInput> byKey = new LinkedHashMap<>();
    List<String> clashes = new ArrayList<>();
    for (ImageInput image : images) {
      ImageInput before = byKey.putIfAbsent(image.key(), image);
      if (before != null) {
        clashes.add("%s (%s, %s)".formatted(image.key(), before.path(), image.path()));
      }
    }
    if (!clashes.isEmpty()) {
      throw new UsageException(
          "Every image needs a key of its own in the predictions, but %d %s another's: %s. %s give the folder that holds both, or a glob such as 'a/**' (its keys are paths as written)."
              .formatted(
                  clashes.size(),
                  clashes.size() == 1 ? "has" : "have",
                  firstOf(clashes, "; "),
                  keys == KeyMode.PATH
                      ? "As paths below two folders they are the same:"
                      : "Give --keys path to use paths as keys; where paths too are the same,"));
    }
  }

  /** The first ten of {@code things} and how many more there are. */
  static String firstOf(List<String> things, String separator) {
    String named = String.join(separator, things.subList(0, Math.min(MOST_NAMED, things.size())));
    int more = things.size() - MOST_NAMED;
    return more > 0 ? named + separator + "and %d more".formatted(more) : named;
  }

  /**
   * What of the files found is left out.
   *
   * @param excluded patterns: one without a slash leaves out files and folders of that name, one
   *     with slashes those of that path, relative to the folder given or as written
   * @param skipUnreadable whether folders that cannot be listed are noted and no failures
   */
  public record InputRules(List<String> excluded, boolean skipUnreadable) {
    /** Nothing is left out. */
    public static final InputRules ALL = new InputRules(List.of(), false);

    /** Copies the patterns. */
    public InputRules {
      excluded = List.copyOf(excluded);
    }

    /** What tells whether a path is left out. */
    @FunctionalInterface
    interface Exclusion {
      /** Whether {@code path} or a folder that it is in is left out. */
      boolean leavesOut(Path path);
    }

    /**
     * Makes matchers of the patterns.
     *
     * @throws UsageException if one says nothing
     */
    Exclusion exclusion() {
      List<PathMatcher> names = new ArrayList<>();
      List<PathMatcher> paths = new ArrayList<>();
      for (String pattern : excluded) {
        String glob = pattern.endsWith("/") ? pattern.substring(0, pattern.length() - 1) : pattern;
        (glob.indexOf('/') < 0 ? names : paths).add(matcher(glob));
      }
      return path -> leavesOut(path, names, paths);
    }

    private static boolean leavesOut(Path path, List<PathMatcher> names, List<PathMatcher> paths) {
      for (Path part = path; part != null; part = part.getParent()) {
        Path whole = part;
        Path name = part.getFileName();
        if (name != null && names.stream().anyMatch(matcher -> matcher.matches(name))) {
          return true;
        }
        if (paths.stream().anyMatch(matcher -> matcher.matches(whole))) {
          return true;
        }
      }
      return false;
    }

    private static PathMatcher matcher(String glob) {
      FileSystem files = FileSystems.getDefault();
      try {
        if (!glob.isBlank()) {
          return files.getPathMatcher("glob:" + glob);
        }
      } catch (PatternSyntaxException failure) {
        throw new UsageException(
            "--exclude takes a pattern of names or paths, and %s is none (%s). Give one such as '*_thumb.jpg' or 'old/**'."
                .formatted(glob, failure.getDescription()),
            failure);
      }
      throw new UsageException(
          "--exclude takes a pattern of names or paths, but it is empty. Give one such as '*_thumb.jpg' or 'old/**'.");
    }
  }

  /**
   * Paths of images in a text, one a line, or with NUL characters between them as {@code find
   * -print0} writes them; blank ones do not count.
   */
  public static final class InputList {
    private static final String USTAR = "ustar";
    private static final int USTAR_AT = 257;
    private static final String GZIP = "\u001f\u008b";

    private InputList() {}

    /**
     * The lines of {@code file}.
     *
     * @throws UsageException if it cannot be read, is no UTF-8 text or has no lines
     */
    public static List<String> read(Path file) {
      try (InputStream in = Files.newInputStream(file)) {
        return lines(file.toString(), in);
      } catch (NoSuchFileException failure) {
        throw new UsageException(
            "The list %s does not exist. Check the path.".formatted(file), failure);
      } catch (IOException failure) {
        throw unreadable(file.toString(), failure);
      }
    }

    /** The lines of the standard input {@code in}, as {@link #read} reads a file's. */
    public static List<String> readStandardInput(InputStream in) {
      try {
        return lines("on the standard input", in);
      } catch (IOException failure) {
        throw unreadable("on the standard input", failure);
      }
    }

    private static List<String> lines(String where, InputStream in) throws IOException {
      List<String> lines;
      try {
        BufferedInputStream buffered = new BufferedInputStream(in);
        requireNoTar(where, buffered);
        lines = TextFile.entries("The list " + where, buffered);
      } catch (MalformedDataException failure) {
        throw new UsageException(String.valueOf(failure.getMessage()), failure);
      }
      if (lines.isEmpty()) {
        throw new UsageException(
            "The list %s names no image. Write one path a line.".formatted(where));
      }
      return lines;
    }

    /** A tar goes here where {@code cat 0.tar |} stands before the command. */
    private static void requireNoTar(String where, BufferedInputStream in) throws IOException {
      in.mark(USTAR_AT + USTAR.length());
      String head =
          new String(in.readNBytes(USTAR_AT + USTAR.length()), StandardCharsets.ISO_8859_1);
      in.reset();
      if (head.startsWith(GZIP) || head.startsWith(USTAR, USTAR_AT)) {
        throw new UsageException(
            "The list %s is a tar or packed by gzip, but it should be text with one path a line. A shard is read from its file, and more than once: name it, as in vignette llava caption 0.tar."
                .formatted(where));
      }
    }

    private static UsageException unreadable(String where, IOException failure) {
      return new UsageException(
          "The list %s cannot be read (%s). Write it as UTF-8 text, one path a line."
              .formatted(
                  where,
                  failure instanceof AccessDeniedException
                      ? "no permission"
                      : failure.getMessage()),
          failure);
    }
  }
}
