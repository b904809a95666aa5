package dev.vignette.spark.submit;

import static org.apache.spark.sql.functions.col;

import dev.vignette.captions.run.UsageException;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A folder of Parquet files to which each run adds the rows that were lacking. What a task has
 * written is there as soon as it ends, so that a job that is killed keeps it.
 *
 * @param spark the session
 * @param files of the cluster
 * @param folder of the Parquet files
 */
record CaptionOutput(SparkSession spark, HadoopFiles files, String folder) {
  private static final String FINGERPRINT = "fingerprint";

  private static final StructType DONE =
      DataTypes.createStructType(
          List.of(
              DataTypes.createStructField(InputImages.KEY, DataTypes.StringType, true),
              DataTypes.createStructField(InputImages.SIZE, DataTypes.LongType, true),
              DataTypes.createStructField(InputImages.SHARD, DataTypes.StringType, true)));

  /** Key, size and shard of no rows. */
  static Dataset<Row> nothing(SparkSession spark) {
    return spark.createDataFrame(List.of(), DONE);
  }

  /**
   * Key, size and shard of the rows that are there.
   *
   * @param fingerprint of the captions that count
   * @param retried whether rows with an error do not count
   * @throws UsageException if the folder holds something else
   */
  Dataset<Row> done(String fingerprint, boolean retried) {
    if (!holdsRows()) {
      return nothing(spark);
    }
    Dataset<Row> rows = spark.read().parquet(folder);
    List<String> names = List.of(rows.schema().fieldNames());
    for (String name : List.of(InputImages.KEY, InputImages.SIZE, InputImages.SHARD, FINGERPRINT)) {
      if (!names.contains(name)) {
        throw new UsageException(
            "'%s' holds Parquet of another kind, without a column '%s'; name another --output"
                .formatted(folder, name));
      }
    }
    Dataset<Row> own = rows.filter(col(FINGERPRINT).equalTo(fingerprint));
    return (retried ? own.filter(col(InputImages.ERROR).isNull()) : own)
        .select(InputImages.KEY, InputImages.SIZE, InputImages.SHARD);
  }

  private boolean holdsRows() {
    Path path = new Path(folder);
    try {
      FileSystem system = files.systemOf(path);
      if (!system.exists(path)) {
        return false;
      }
      if (system.getFileStatus(path).isFile()) {
        throw new UsageException(
            "captions go to a folder, but '%s' is a file; name another --output".formatted(folder));
      }
      for (FileStatus file : system.listStatus(path)) {
        String name = file.getPath().getName();
        if (file.isFile() && !name.startsWith("_") && !name.startsWith(".")) {
          return true;
        }
      }
      return false;
    } catch (IOException failure) {
      throw new UsageException(
          "'%s' cannot be read (%s); check the path".formatted(folder, failure), failure);
    }
  }

  /** Adds rows. */
  void add(Dataset<Row> rows) {
    rows.write()
        .mode(SaveMode.Append)
        .option("mapreduce.fileoutputcommitter.algorithm.version", "2")
        .parquet(folder);
  }
}
