package dev.vignette.captions.run;

import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.ImageInputs.InputRules;
import dev.vignette.captions.run.RunResult.Outcome;
import dev.vignette.captions.shards.ShardBytes;
import dev.vignette.captions.shards.ShardEntry;
import dev.vignette.captions.shards.ShardPictures;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Collects the images that arguments name, and what is wrong with them. */
final class InputFinder {
  private static final char UNDECODABLE = '\uFFFD';

  private final InputRules rules;
  private final InputRules.Exclusion exclusion;
  private final KeyMode keys;
  private final List<ImageInput> found = new ArrayList<>();
  private @Nullable ShardBytes shardBytes; // of the shards, if there are any
  private final Set<Path> absolute = new HashSet<>();
  private final List<String> missing = new ArrayList<>();
  private final List<Outcome.Failed> failures = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final SortedMap<String, Integer> picturesNotRead = new TreeMap<>();
  private int excluded;

  InputFinder(InputRules rules, KeyMode keys) {
    this.rules = rules;
    this.keys = keys;
    exclusion = rules.exclusion();
  }

  /** Adds a file, a folder or a glob; what exists under the very name is no glob. */
  void addArgument(String argument) {
    if (GlobPattern.isGlob(argument) && !Files.exists(path(argument), LinkOption.NOFOLLOW_LINKS)) {
      addGlob(argument);
    } else {
      addPath(argument);
    }
  }

  /** Adds a file or a folder. */
  void addPath(String argument) {
    Path path = path(argument);
    if (Files.isDirectory(path)) {
      addFolder(path);
    } else if (!Files.exists(path) && argument.indexOf(UNDECODABLE) >= 0) {
      failures.add(new Outcome.Failed(new ImageInput(path, argument), undecodable(argument)));
    } else if (!Files.exists(path)) {
      missing.add(argument.equals(argument.strip()) ? argument : "\"" + argument + "\"");
    } else if (!Files.isRegularFile(path)) {
      throw new UsageException(special(argument));
    } else if (ImageInputs.isShard(path.toString())) {
      addShard(path, path.normalize());
    } else {
      add(path, path.normalize());
    }
  }

  /** Adds the pictures of a shard. */
  private void addShard(Path shard, Path relative) {
    if (!keeps(relative) || !absolute.add(shard.toAbsolutePath().normalize())) {
      return;
    }
    if (shardBytes == null) {
      shardBytes = new ShardBytes();
    }
    ShardPictures pictures = ShardPictures.of(shard, shardBytes);
    for (String fault : pictures.faults()) {
      failures.add(new Outcome.Failed(new ImageInput(shard, shard.toString()), fault));
    }
    if (pictures.without() > 0) {
      notes.add(
          "%d of the samples of %s have no picture: no file that ends in %s."
              .formatted(pictures.without(), shard, ImageFormats.readExtensions()));
    } else if (pictures.pictures().isEmpty() && pictures.faults().isEmpty()) {
      notes.add("The shard %s has no samples.".formatted(shard));
    }
    for (ShardEntry entry : pictures.pictures()) {
      try {
        if (keeps(relative.resolve(entry.name()))) {
          String key = keys.keyOf(relative, entry);
          if (key.isBlank()) {
            failures.add(
                new Outcome.Failed(
                    new ImageInput(shard, shard.toString()), nameless(shard + ":" + entry.name())));
          } else {
            found.add(ImageInput.within(entry, key));
          }
        }
      } catch (InvalidPathException _) {
        failures.add(
            new Outcome.Failed(
                new ImageInput(shard, shard.toString()), undecodable(shard + ":" + entry.name())));
      }
    }
  }

  private void addFolder(Path folder) {
    int before = found.size();
    int failed = failures.size();
    Predicate<Path> enters = below -> !exclusion.leavesOut(folder.relativize(below));
    Predicate<Path> meant = file -> ImageFormats.isRead(file) && keeps(folder.relativize(file));
    int shards = 0;
    for (Path file : walk(folder, enters, meant)) {
      shards += ImageInputs.isShard(file.toString()) ? 1 : 0;
      if (isImage(file)) {
        add(file, folder.relativize(file));
      }
    }
    if (found.size() == before && failures.size() == failed) {
      notes.add(
          "The folder %s has no images to add: no files that end in %s.%s"
              .formatted(
                  folder,
                  ImageFormats.readExtensions(),
                  shards == 0
                      ? ""
                      : " It has %d tar files; name shards as '%s'."
                          .formatted(shards, folder.resolve("*.tar"))));
    }
  }

  private void addGlob(String argument) {
    GlobPattern glob = GlobPattern.parse(argument);
    boolean shards = ImageInputs.isShard(argument);
    int before = found.size();
    int failed = failures.size();
    if (Files.isDirectory(glob.folder())) {
      Predicate<Path> enters = below -> glob.mayMatchBelow(below) && !exclusion.leavesOut(below);
      Predicate<Path> meant =
          file -> glob.matches(file) && ImageFormats.isRead(file) && keeps(file.normalize());
      for (Path file : walk(glob.folder(), enters, meant)) {
        if (!glob.matches(file)) {
          continue;
        }
        if (shards && ImageInputs.isShard(file.toString())) {
          addShard(file, file.normalize());
        } else if (isImage(file)) {
          add(file, file.normalize());
        }
      }
    }
    if (found.size() == before && failures.size() == failed) {
      notes.add(
          "The pattern %s matches no %s to add: no files that end in %s."
              .formatted(
                  argument,
                  shards ? "shards" : "images",
                  shards ? ".tar, .tar.gz or .tgz" : ImageFormats.readExtensions()));
    }
  }

  private List<Path> walk(Path folder, Predicate<Path> enters, Predicate<Path> meant) {
    FolderWalk walk = FolderWalk.through(folder, enters);
    if (rules.skipUnreadable()) {
      walk.failures().forEach(failure -> notes.add("Left out: " + failure.message()));
    } else {
      failures.addAll(walk.failures());
    }
    walk.specials().stream()
        .filter(meant)
        .forEach(file ->
            failures.add(new Outcome.Failed(new ImageInput(file, file.toString()), special(file))));
    return walk.files();
  }

  /** Why something that has no bytes of its own is no image. */
  private static String special(Object file) {
    return "%s is no regular file but a device or a pipe, and an image is read more than once. Save it to a file first."
        .formatted(file);
  }

  private boolean isImage(Path file) {
    if (ImageFormats.isPictureNotRead(file)) {
      picturesNotRead.merge(ImageFormats.extension(file), 1, Integer::sum);
    }
    return ImageFormats.isRead(file);
  }

  private void add(Path file, Path relative) {
    if (!keeps(relative)) {
      return;
    }
    if (file.toString().indexOf(UNDECODABLE) >= 0) {
      failures.add(new Outcome.Failed(new ImageInput(file, file.toString()), undecodable(file)));
    } else if (absolute.add(file.toAbsolutePath().normalize())) {
      String key = keys.keyOf(relative);
      if (key.isBlank()) {
        failures.add(new Outcome.Failed(new ImageInput(file, file.toString()), nameless(file)));
      } else {
        found.add(new ImageInput(file, key));
      }
    }
  }

  private static String nameless(Object file) {
    return "The name of %s is blank but for its extension, so it cannot be a key. Rename it, or give --keys path."
        .formatted(file);
  }

  private static String undecodable(Object file) {
    return "The name of %s has letters that cannot be read as text, so it cannot be a key. Rename it, or set LC_ALL=C.UTF-8 if it has none."
        .formatted(file);
  }

  /** Whether a file that was meant is not excluded; counts those that are. */
  private boolean keeps(Path relative) {
    boolean kept = !exclusion.leavesOut(relative);
    if (!kept) {
      excluded++;
    }
    return kept;
  }

  private static Path path(String argument) {
    try {
      return Path.of(argument);
    } catch (InvalidPathException failure) {
      throw new UsageException(
          "\"%s\" is no path (%s). Check it; if it has letters outside ASCII, set LC_ALL=C.UTF-8."
              .formatted(argument, failure.getReason()),
          failure);
    }
  }

  /**
   * The images found.
   *
   * @throws UsageException if there are none, or one that was named is missing
   */
  List<ImageInput> found() {
    if (!missing.isEmpty()) {
      throw new UsageException(
          "%d of the images and folders named %s not exist, or may not be looked at: %s. Check the paths and their permissions (relative ones start in %s%s)."
              .formatted(
                  missing.size(),
                  missing.size() == 1 ? "does" : "do",
                  ImageInputs.firstOf(missing, ", "),
                  Path.of("").toAbsolutePath(),
                  missing.stream().anyMatch(InputFinder::isNoPlainPath)
                      ? "; the lines of a list are paths as they stand, spaces at their ends, # and quotes too"
                      : ""));
    }
    if (found.isEmpty()) {
      throw new UsageException(
          notes.isEmpty() && failures.isEmpty()
              ? "There is no image to caption. Name image files, folders, globs in quotes, or - for a list of paths on the standard input."
              : whyNone() + " Name other images or folders.");
    }
    return found;
  }

  private static boolean isNoPlainPath(String named) {
    return named.startsWith("#") || named.startsWith("\"") || named.startsWith("'");
  }

  private String whyNone() {
    List<String> reasons = new ArrayList<>(notes());
    failures.forEach(failure -> reasons.add(failure.line()));
    return ImageInputs.firstOf(reasons, " ");
  }

  /** Files and folders that were meant and cannot be captioned. */
  List<Outcome.Failed> failures() {
    return failures;
  }

  /** Sentences on what was left out. */
  List<String> notes() {
    List<String> all = new ArrayList<>(notes);
    if (excluded > 0) {
      all.add("Left out by --exclude: %d files.".formatted(excluded));
    }
    if (!picturesNotRead.isEmpty()) {
      List<String> counts = new ArrayList<>();
      picturesNotRead.forEach((extension, count) -> counts.add(count + " ." + extension));
      all.add(
          "Left out are pictures of formats that are not read (%s); convert them to JPEG or PNG."
              .formatted(String.join(", ", counts)));
    }
    return all;
  }

  /**
   * A pattern of paths such as {@code photos/**}{@code /*.jpg}: {@code *}, {@code ?}, {@code [...]}
   * and {@code {a,b}} within a name, {@code **} over any number of folders, none included. A folder
   * that matches stands for everything below it.
   *
   * @param folder the folder before the first wildcard, empty for the current one
   * @param matchers one of them has to match the path relative to {@code folder}
   * @param beginnings matchers of the first one, two, three... names of such a path, as far as the
   *     pattern says each by itself
   */
  record GlobPattern(Path folder, List<PathMatcher> matchers, List<PathMatcher> beginnings) {
    private static final String WILDCARDS = "*?[{";
    private static final String ANY_FOLDERS = "**/";
    private static final int MOST_ANY_FOLDERS = 4;

    /** A slash within braces or brackets, or one written with a backslash. */
    private static final Pattern SLASH_WITHIN = Pattern.compile("\\{[^}]*/|\\[[^]]*/|\\\\");

    /** Whether {@code text} has a wildcard. */
    static boolean isGlob(String text) {
      return text.chars().anyMatch(letter -> WILDCARDS.indexOf(letter) >= 0);
    }

    /**
     * The pattern that {@code glob} says.
     *
     * @throws UsageException if it says none
     */
    static GlobPattern parse(String glob) {
      int wildcard = 0;
      while (WILDCARDS.indexOf(glob.charAt(wildcard)) < 0) {
        wildcard++;
      }
      int folderEnd = glob.lastIndexOf('/', wildcard) + 1;
      List<String> patterns = new ArrayList<>();
      withoutFolders("", glob.substring(folderEnd), MOST_ANY_FOLDERS, patterns);
      FileSystem files = FileSystems.getDefault();
      try {
        List<PathMatcher> matchers = new ArrayList<>();
        for (String pattern : patterns) {
          matchers.add(files.getPathMatcher("glob:" + pattern));
          matchers.add(files.getPathMatcher("glob:" + pattern + "/**"));
        }
        return new GlobPattern(
            Path.of(glob.substring(0, folderEnd)),
            matchers,
            beginnings(glob.substring(folderEnd), files));
      } catch (PatternSyntaxException failure) {
        throw new UsageException(
            "%s does not exist and is no pattern of paths either (%s). Name a file, a folder or a pattern such as 'photos/**/*.jpg'."
                .formatted(glob, failure.getDescription()),
            failure);
      }
    }

    /** Matchers for {@code a}, {@code a/b} and {@code a/b/*.jpg} of {@code a/b/*.jpg}. */
    private static List<PathMatcher> beginnings(String pattern, FileSystem files) {
      List<PathMatcher> matchers = new ArrayList<>();
      if (SLASH_WITHIN.matcher(pattern).find()) {
        return matchers;
      }
      for (int end = pattern.indexOf('/'); ; end = pattern.indexOf('/', end + 1)) {
        String beginning = end < 0 ? pattern : pattern.substring(0, end);
        if (beginning.contains("**")) {
          return matchers;
        }
        matchers.add(files.getPathMatcher("glob:" + beginning));
        if (end < 0) {
          return matchers;
        }
      }
    }

    /** Whether something below {@code subfolder}, which lies below {@link #folder}, may match. */
    boolean mayMatchBelow(Path subfolder) {
      Path relative = folder.toString().isEmpty() ? subfolder : folder.relativize(subfolder);
      int names = Math.min(relative.getNameCount(), beginnings.size());
      return names == 0 || beginnings.get(names - 1).matches(relative.subpath(0, names));
    }

    /** Adds {@code head + tail} to {@code patterns}, with and without each {@code **}{@code /}. */
    private static void withoutFolders(String head, String tail, int most, List<String> patterns) {
      int at = tail.indexOf(ANY_FOLDERS);
      if (at < 0 || most == 0) {
        patterns.add(head + tail);
        return;
      }
      String before = head + tail.substring(0, at);
      String after = tail.substring(at + ANY_FOLDERS.length());
      withoutFolders(before + ANY_FOLDERS, after, most - 1, patterns);
      withoutFolders(before, after, most - 1, patterns);
    }

    /** Whether {@code file}, which lies below {@link #folder}, matches. */
    boolean matches(Path file) {
      Path relative = folder.toString().isEmpty() ? file : folder.relativize(file);
      return matchers.stream().anyMatch(matcher -> matcher.matches(relative));
    }
  }
}
