package dev.vignette.captions;

import dev.vignette.files.MalformedDataException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Predictions in several files, which are read as one. */
public final class PredictionParts {
  private static final Pattern PREDICTIONS = Pattern.compile("[^.].*\\.jsonl?(\\.gz)?");
  private static final String DETAILS = ".details.jsonl";
  private static final Pattern GLOB = Pattern.compile("[*?\\[{]");

  private PredictionParts() {}

  /**
   * The files that a name stands for, in the order of their names: a file; in a folder all that end
   * in {@code .json} or {@code .jsonl}, packed by gzip or not, but for {@code .details.jsonl}; or
   * those whose names match a pattern such as {@code out/part-*.json}.
   *
   * @throws MalformedDataException if there is no such file in the folder
   * @throws java.io.UncheckedIOException if the folder cannot be read
   */
  public static List<Path> of(Path name) {
    if (Files.isDirectory(name)) {
      List<Path> files =
          list(
              name,
              file ->
                  PREDICTIONS.matcher(fileName(file)).matches()
                      && !fileName(file).endsWith(DETAILS)
                      && Files.isRegularFile(file));
      return require(
          files,
          "%s holds no predictions: no file in it ends in .json, .jsonl, .json.gz or .jsonl.gz. Name another folder, or the file."
              .formatted(name));
    }
    if (Files.exists(name) || !GLOB.matcher(fileName(name)).find()) {
      return List.of(name);
    }
    Path folder = name.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      return List.of(name);
    }
    PathMatcher matcher = matcher(name);
    List<Path> files =
        list(folder, file -> matcher.matches(file.getFileName()) && Files.isRegularFile(file));
    return require(
        files.stream().map(file -> name.resolveSibling(fileName(file))).toList(),
        "No file matches %s. Check the pattern, and quote it so that the shell leaves it alone."
            .formatted(name));
  }

  private static PathMatcher matcher(Path name) {
    try {
      return name.getFileSystem().getPathMatcher("glob:" + fileName(name));
    } catch (PatternSyntaxException e) {
      throw new MalformedDataException(
          "%s is neither a file nor a pattern that can be read: %s. Name a file, a folder or a pattern such as part-*.json."
              .formatted(name, e.getDescription()),
          e);
    }
  }

  private static List<Path> list(Path folder, DirectoryStream.Filter<Path> filter) {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, filter)) {
      stream.forEach(files::add);
    } catch (DirectoryIteratorException failure) {
      throw ReadFault.unreadable(folder, failure.getCause());
    } catch (IOException failure) {
      throw ReadFault.unreadable(folder, failure);
    }
    Collections.sort(files);
    return files;
  }

  private static List<Path> require(List<Path> files, String complaint) {
    if (files.isEmpty()) {
      throw new MalformedDataException(complaint);
    }
    return files;
  }

  private static String fileName(Path file) {
    return String.valueOf(file.getFileName());
  }
}
