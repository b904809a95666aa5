package dev.vignette.weights.gguf;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Refuses paths that do not lead to a file, naming the GGUF files nearby. */
final class ModelPath {

  private static final int NAMED_FILES = 3;

  private ModelPath() {}

  static void requireRegularFile(Path path) {
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(path, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      throw missing(path);
    } catch (IOException e) {
      throw InvalidModelFileException.unreadable(path, e);
    }
    if (attributes.isDirectory()) {
      throw new InvalidModelFileException(
          path,
          "is a folder, but a model is one GGUF file",
          "Name the file in it" + ggufFilesIn(path));
    }
    if (!attributes.isRegularFile()) {
      throw new InvalidModelFileException(
          path,
          "is a device or a pipe, but a model must be a regular file, to be mapped into memory",
          "Save it to a disk and give that path");
    }
  }

  private static InvalidModelFileException missing(Path path) {
    if (Files.isSymbolicLink(path)) {
      return new InvalidModelFileException(
          path,
          "is a link to a file that does not exist",
          "Download the file again or mend the link");
    }
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      return new InvalidModelFileException(
          path, "does not exist, nor does the folder " + folder, "Check the path");
    }
    return new InvalidModelFileException(
        path, "does not exist", "Check the path" + ggufFilesIn(folder));
  }

  /** The end of a sentence: the first few GGUF files of a folder. */
  private static String ggufFilesIn(@Nullable Path folder) {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.gguf")) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    } catch (IOException e) {
      return "";
    }
    if (names.isEmpty()) {
      return "; no file in " + folder + " ends in .gguf";
    }
    names.sort(null);
    String more =
        names.size() > NAMED_FILES ? " and " + (names.size() - NAMED_FILES) + " more" : "";
    return "; "
        + folder
        + " has "
        + String.join(", ", names.subList(0, Math.min(NAMED_FILES, names.size())))
        + more;
  }
}
