package dev.vignette.captions.run;

import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/**
 * What of the files found is left out.
 *
 * @param excluded patterns: one without a slash leaves out files and folders of that name, one with
 *     slashes those of that path, relative to the folder given or as written
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
