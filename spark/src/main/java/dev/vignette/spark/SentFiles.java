package dev.vignette.spark;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.spark.sql.SparkSession;

/**
 * Files and folders that Spark brings to all machines, where {@link ModelPath} finds them by their
 * last names. Spark sends no folders but packed. It gives the tasks of a session the files of that
 * session only, which are those that its SQL adds, and not those of the context.
 */
final class SentFiles {
  private SentFiles() {}

  /**
   * Has them sent to each executor before its next task.
   *
   * @param files no links, since Spark calls a link by what it leads to; or folders
   * @throws IllegalArgumentException if two are called alike
   * @throws UncheckedIOException if a folder cannot be packed
   */
  static void send(SparkSession spark, List<Path> files) {
    if (spark.sparkContext().isLocal()) {
      return; // all tasks are where the files are
    }
    requireDistinct(files);
    for (Path file : files) {
      // Neither URI has a quotation mark or a backslash in it.
      spark.sql(
          Files.isDirectory(file)
              ? "ADD ARCHIVE \"%s\"".formatted(packed(file))
              : "ADD FILE \"%s\"".formatted(file.toUri()));
    }
  }

  private static void requireDistinct(List<Path> files) {
    Map<Path, Path> byName = new HashMap<>();
    for (Path file : files) {
      Path before = byName.put(file.getFileName(), file);
      if (before != null && !before.equals(file)) {
        throw new IllegalArgumentException(
            "files are sent by their last names, but '%s' and '%s' are called alike; rename one, or put them on a path that all machines share"
                .formatted(before, file));
      }
    }
  }

  /** Returns where a folder is packed, with its name behind, under which it is unpacked. */
  private static URI packed(Path folder) {
    try {
      Path zip = Files.createTempFile("vignette-sent", ".zip");
      zip.toFile().deleteOnExit();
      try (OutputStream out = Files.newOutputStream(zip);
          ZipOutputStream packed = new ZipOutputStream(out);
          Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
        packed.setLevel(Deflater.NO_COMPRESSION); // weights hardly shrink
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          packed.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
          Files.copy(file, packed);
          packed.closeEntry();
        }
      }
      return new URI("file", null, zip.toString(), folder.getFileName().toString());
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "The folder '%s' cannot be packed for sending (%s). Make room in the folder for temporary files, or put it on a path that all machines share."
              .formatted(folder, failure),
          failure);
    } catch (URISyntaxException failure) {
      throw new IllegalArgumentException(failure);
    }
  }
}
