package dev.vignette.captions.reading;

import dev.vignette.files.faults.MalformedDataException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Predictions in several files, which are read as one. */
public final class PredictionParts {
  private static final Pattern PREDICTIONS = Pattern.compile("[^.].*\\.jsonl?(\\.gz)?");
  private static final String DETAILS = ".details.jsonl";

  /** How the reports of {@code vignette eval --json} and of comparisons begin. */
  private static final Pattern REPORT =
      Pattern.compile("\\s*\\{\\s*\"vignette_(eval|compare)\"\\s*:\\s*\\d[\\s\\S]*");

  private static final int PEEK = 64;
  private static final Pattern GLOB = Pattern.compile("[*?\\[{]");

  private PredictionParts() {}

  /**
   * The files that a name stands for, in the order of their names: a file; in a folder all that end
   * in {@code .json} or {@code .jsonl}, packed by gzip or not, but for {@code .details.jsonl}; or
   * those whose names match a pattern such as {@code out/part-*.json}. Reports of evaluations and
   * comparisons among several files are passed over.
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
                      && isPart(file));
      return require(
          files,
          "%s holds no predictions: no file in it ends in .json, .jsonl, .json.gz or .jsonl.gz and is no report. Name another folder, or the file."
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
    List<Path> files = list(folder, file -> matcher.matches(file.getFileName()) && isPart(file));
    return require(
        files.stream().map(file -> name.resolveSibling(fileName(file))).toList(),
        "No file of predictions matches %s. Check the pattern, and quote it so that the shell leaves it alone."
            .formatted(name));
  }

  private static boolean isPart(Path file) {
    return Files.isRegularFile(file) && !isReport(file);
  }

  private static boolean isReport(Path file) {
    try (InputStream in =
        JsonCursor.unpacked(new BufferedInputStream(Files.newInputStream(file)))) {
      return REPORT.matcher(new String(in.readNBytes(PEEK), StandardCharsets.UTF_8)).matches();
    } catch (IOException _) {
      return false; // whoever reads it says why it cannot be read
    }
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
      throw ReadFault.unreadable(folder, Objects.requireNonNull(failure.getCause()));
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
