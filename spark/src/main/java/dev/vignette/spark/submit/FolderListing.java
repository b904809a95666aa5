package dev.vignette.spark.submit;

import dev.vignette.captions.run.ImageFormats;
import dev.vignette.captions.run.ImageInput.KeyMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The names of image files, listed by tasks: one for the folder itself and one for each folder in
 * it. Unlike Spark's own {@code binaryFile} it gives empty files, and those whose names begin with
 * an underscore, as cameras write them; only hidden ones are left out.
 *
 * @param files of the cluster
 * @param keys what names an image
 */
record FolderListing(HadoopFiles files, KeyMode keys) {
  private static final int MOST_TASKS = 1000;

  private static final StructType PLACES =
      DataTypes.createStructType(
          List.of(
              DataTypes.createStructField("root", DataTypes.StringType, false),
              DataTypes.createStructField("path", DataTypes.StringType, false),
              DataTypes.createStructField("whole", DataTypes.BooleanType, false)));

  /**
   * Lists inputs as rows of {@link FolderImages#LISTED}.
   *
   * @throws IOException if one cannot be read
   */
  Dataset<Row> of(SparkSession spark, List<String> inputs) throws IOException {
    List<Row> places = new ArrayList<>();
    for (String input : inputs) {
      String root = files.rootOf(input);
      FileSystem system = files.systemOf(new Path(input));
      for (FileStatus found : system.globStatus(new Path(input))) {
        places.add(RowFactory.create(root, found.getPath().toString(), false));
        if (found.isDirectory()) {
          Arrays.stream(system.listStatus(found.getPath()))
              .filter(FileStatus::isDirectory)
              .forEach(
                  child -> places.add(RowFactory.create(root, child.getPath().toString(), true)));
        }
      }
    }
    HadoopFiles reading = files;
    KeyMode naming = keys;
    return spark
        .createDataFrame(places, PLACES)
        .repartition(Math.clamp(places.size(), 1, MOST_TASKS))
        .flatMap(
            (FlatMapFunction<Row, Row>)
                place -> new ImageFiles(place.getString(0), list(place, reading), naming),
            Encoders.row(FolderImages.LISTED));
  }

  private static RemoteIterator<? extends FileStatus> list(Row place, HadoopFiles files)
      throws IOException {
    return files.list(new Path(place.getString(1)), place.getBoolean(2));
  }

  /** The images among files. */
  private static final class ImageFiles extends LookAhead {
    private final String root;
    private final RemoteIterator<? extends FileStatus> all;
    private final KeyMode keys;

    ImageFiles(String root, RemoteIterator<? extends FileStatus> all, KeyMode keys) {
      this.root = root;
      this.all = all;
      this.keys = keys;
    }

    @Override
    @Nullable Row read() {
      try {
        while (all.hasNext()) {
          FileStatus file = all.next();
          String path = file.getPath().toString();
          String relative = HadoopFiles.relative(root, path);
          boolean hidden = relative.startsWith(".") || relative.contains("/.");
          if (!hidden && ImageFormats.isRead(java.nio.file.Path.of(relative))) {
            String key = keys.keyOf(java.nio.file.Path.of(relative));
            return RowFactory.create(key, file.getLen(), path);
          }
        }
        return null;
      } catch (IOException failure) {
        throw new UncheckedIOException(
            "A folder below '%s' cannot be listed (%s). Give permission to read it, or leave it out."
                .formatted(root, failure),
            failure);
      }
    }
  }
}
