package dev.vignette.spark.submit;

import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The image files in folders. Only their names are listed, compared and shuffled; the bytes are
 * read by the task that captions them.
 *
 * @param spark the session
 * @param files of the cluster
 * @param inputs folders, files or globs
 * @param keys what names an image
 * @param imagesOfTask how many images a task captions, at least 1
 */
record FolderImages(
    SparkSession spark, HadoopFiles files, List<String> inputs, KeyMode keys, int imagesOfTask)
    implements InputImages {
  private static final String PATH = "path";

  /** What is known of an image before it is read. */
  static final StructType LISTED =
      DataTypes.createStructType(
          List.of(
              DataTypes.createStructField(KEY, DataTypes.StringType, false),
              DataTypes.createStructField(SIZE, DataTypes.LongType, false),
              DataTypes.createStructField(PATH, DataTypes.StringType, false)));

  /**
   * @throws UsageException if two images have one key
   */
  @Override
  public Dataset<Row> lacking(Dataset<Row> done) {
    Dataset<Row> all = listed().persist();
    requireDistinct(all);
    Dataset<Row> lacking =
        all.join(done.select(KEY, SIZE), new String[] {KEY, SIZE}, "left_anti")
            .select(KEY, SIZE, PATH);
    int tasks = Math.toIntExact(Math.ceilDiv(Math.max(1, lacking.count()), imagesOfTask));
    HadoopFiles reading = files;
    return lacking
        .repartition(tasks)
        .map((MapFunction<Row, Row>) row -> read(row, reading), Encoders.row(SCHEMA));
  }

  private Dataset<Row> listed() {
    try {
      return new FolderListing(files, keys).of(spark, inputs);
    } catch (IOException failure) {
      throw new UsageException(
          "'%s' cannot be read (%s); check the path".formatted(String.join(", ", inputs), failure),
          failure);
    }
  }

  private void requireDistinct(Dataset<Row> all) {
    Iterator<Row> twice =
        all.groupBy(KEY)
            .agg(functions.count(PATH).as("count"), functions.min(PATH), functions.max(PATH))
            .filter("count > 1")
            .limit(1)
            .collectAsList()
            .iterator();
    if (twice.hasNext()) {
      Row row = twice.next();
      throw new UsageException(
          "a key names one image, but '%s' is that of %s and of %s; give --keys path"
              .formatted(row.getString(0), row.getString(2), row.getString(3)));
    }
  }

  private static Row read(Row row, HadoopFiles files) {
    String path = row.getString(2);
    byte @Nullable [] image = null;
    String error = null;
    try (InputStream in = files.open(path)) {
      image = in.readAllBytes();
    } catch (IOException failure) {
      error =
          "%s cannot be read (%s). Check its disk or connection."
              .formatted(path, failure.getMessage());
    } catch (OutOfMemoryError failure) {
      error = "%s needs more memory than there is (%s).".formatted(path, failure.getMessage());
    }
    return RowFactory.create(row.getString(0), row.getLong(1), null, image, error);
  }
}
