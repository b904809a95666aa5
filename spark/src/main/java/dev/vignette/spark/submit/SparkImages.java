package dev.vignette.spark.submit;

import dev.vignette.captions.run.ImageInput.KeyMode;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Images as rows, for {@link dev.vignette.spark.ImageCaptionTransformer} in a notebook: key, size,
 * shard, image (the bytes of the file) and error (in the image's place).
 */
public final class SparkImages {
  private SparkImages() {}

  /**
   * The images in tar shards of WebDataset; what is damaged is a row with an error.
   *
   * @param inputs folders, files or globs
   * @throws dev.vignette.captions.run.UsageException if one cannot be read
   */
  public static Dataset<Row> shards(SparkSession spark, String... inputs) {
    return new ShardImages(spark, HadoopFiles.of(spark), List.of(inputs))
        .lacking(CaptionOutput.nothing(spark));
  }

  /**
   * The image files in folders, read by the tasks that want them.
   *
   * @param keys what names an image
   * @param imagesOfTask how many images a task has, at least 1
   * @param inputs folders, files or globs
   * @throws dev.vignette.captions.run.UsageException if one cannot be read, or two images have one
   *     key
   */
  public static Dataset<Row> folders(
      SparkSession spark, KeyMode keys, int imagesOfTask, String... inputs) {
    return new FolderImages(spark, HadoopFiles.of(spark), List.of(inputs), keys, imagesOfTask)
        .lacking(CaptionOutput.nothing(spark));
  }
}
