package dev.vignette.spark.submit;

import dev.vignette.captions.run.ImageInputs;
import dev.vignette.captions.run.UsageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** What an input holds. */
enum InputForm {
  /** Image files. */
  IMAGES,
  /** Tar shards of WebDataset. */
  WEBDATASET,
  /** Parquet files with a column of images. */
  PARQUET;

  /**
   * Looks what inputs hold: shards if there is one beside anything else, since Parquet files beside
   * them tell of them; else Parquet if there is a file of it; else image files.
   *
   * @throws UsageException if one of them is not there
   */
  static InputForm of(HadoopFiles files, List<String> inputs) {
    List<String> names = new ArrayList<>();
    for (String input : inputs) {
      try {
        addNames(files, new Path(input), names);
      } catch (IOException failure) {
        throw new UsageException(
            "'%s' cannot be read (%s); check the path".formatted(input, failure), failure);
      }
    }
    if (names.stream().anyMatch(ImageInputs::isShard)) {
      return WEBDATASET;
    }
    return names.stream().anyMatch(name -> name.endsWith(".parquet")) ? PARQUET : IMAGES;
  }

  private static void addNames(HadoopFiles files, Path input, List<String> names)
      throws IOException {
    FileSystem system = files.systemOf(input);
    FileStatus[] found = system.globStatus(input);
    if (found == null || found.length == 0) {
      throw new UsageException("'%s' is not there; check the path".formatted(input));
    }
    for (FileStatus status : found) {
      if (status.isFile()) {
        names.add(status.getPath().getName());
      } else {
        for (FileStatus child : system.listStatus(status.getPath())) {
          names.add(child.getPath().getName());
        }
      }
    }
  }

  /** The name as the command line has it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
