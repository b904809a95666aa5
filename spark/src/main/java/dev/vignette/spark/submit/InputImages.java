package dev.vignette.spark.submit;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Where images come from; those that have their captions are left out before they are read. */
interface InputImages {
  String KEY = "key";
  String SIZE = "size";
  String SHARD = "shard";
  String IMAGE = "image";
  String ERROR = "error";

  /** What {@link #lacking} gives: the image, or an error in its place. */
  StructType SCHEMA =
      DataTypes.createStructType(
          List.of(
              DataTypes.createStructField(KEY, DataTypes.StringType, false),
              DataTypes.createStructField(SIZE, DataTypes.LongType, false),
              DataTypes.createStructField(SHARD, DataTypes.StringType, true),
              DataTypes.createStructField(IMAGE, DataTypes.BinaryType, true),
              DataTypes.createStructField(ERROR, DataTypes.StringType, true)));

  /**
   * The images without a caption.
   *
   * @param done key, size and shard of those that have one
   */
  Dataset<Row> lacking(Dataset<Row> done);
}
