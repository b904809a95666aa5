package dev.vignette.spark.submit;

import dev.vignette.captions.run.UsageException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The images in a column of Parquet files, as img2dataset and Hugging Face's datasets write them.
 *
 * @param spark the session
 * @param inputs folders or files
 * @param key the column that names an image; null for the first of the usual ones
 * @param image the column of the bytes; null for the first of the usual ones
 */
record ParquetImages(
    SparkSession spark, List<String> inputs, @Nullable String key, @Nullable String image)
    implements InputImages {
  private static final List<String> KEYS =
      List.of("key", "__key__", "image_id", "id", "path", "file_name", "url");
  private static final List<String> IMAGES =
      List.of("jpg", "jpeg", "png", "webp", "image", "content", "bytes");
  private static final String BYTES = "bytes";

  /**
   * @throws UsageException if there are no such columns
   */
  @Override
  public Dataset<Row> lacking(Dataset<Row> done) {
    Dataset<Row> rows = spark.read().parquet(inputs.toArray(String[]::new));
    Column bytes = image(rows.schema());
    Dataset<Row> images =
        rows.select(
            functions.col(keyName(rows.schema())).cast(DataTypes.StringType).as(KEY),
            functions
                .coalesce(functions.length(bytes).cast(DataTypes.LongType), functions.lit(0L))
                .as(SIZE),
            functions.lit(null).cast(DataTypes.StringType).as(SHARD),
            bytes.as(IMAGE),
            functions.lit(null).cast(DataTypes.StringType).as(ERROR));
    return images.join(done.select(KEY, SIZE), new String[] {KEY, SIZE}, "left_anti");
  }

  private String keyName(StructType schema) {
    return key != null
        ? required(schema, key, "--key-column").name()
        : usual(schema, KEYS)
            .orElseThrow(() -> none(schema, "names the images", "--key-column"))
            .name();
  }

  private Column image(StructType schema) {
    StructField field =
        image != null
            ? required(schema, image, "--image-column")
            : usual(schema, IMAGES)
                .orElseThrow(() -> none(schema, "holds the images", "--image-column"));
    Column column = functions.col(field.name());
    if (field.dataType() instanceof StructType nested
        && List.of(nested.fieldNames()).contains(BYTES)) {
      return column.getField(BYTES);
    }
    if (!field.dataType().equals(DataTypes.BinaryType)) {
      throw new UsageException(
          "a column of images holds bytes, but '%s' holds %s; name another by --image-column"
              .formatted(field.name(), field.dataType().simpleString()));
    }
    return column;
  }

  private static StructField required(StructType schema, String name, String option) {
    return usual(schema, List.of(name))
        .orElseThrow(() ->
            new UsageException(
                "there is no column '%s'; there are %s. Name another by %s"
                    .formatted(name, String.join(", ", schema.fieldNames()), option)));
  }

  private static Optional<StructField> usual(StructType schema, List<String> names) {
    return names.stream()
        .flatMap(name -> Arrays.stream(schema.fields()).filter(field -> field.name().equals(name)))
        .findFirst();
  }

  private static UsageException none(StructType schema, String does, String option) {
    return new UsageException(
        "no column %s for all one can see: there are %s. Name it by %s"
            .formatted(does, String.join(", ", schema.fieldNames()), option));
  }
}
