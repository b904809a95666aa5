package dev.vignette.captions.run;

import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

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
