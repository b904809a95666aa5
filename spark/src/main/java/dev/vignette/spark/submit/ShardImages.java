package dev.vignette.spark.submit;

import dev.vignette.captions.run.ImageFormats;
import dev.vignette.captions.run.ImageInputs;
import dev.vignette.captions.run.UsageException;
import dev.vignette.captions.shards.WebDatasetShard;
import dev.vignette.captions.shards.WebDatasetShard.Fault;
import dev.vignette.captions.shards.WebDatasetShard.Item;
import dev.vignette.captions.shards.WebDatasetShard.Part;
import dev.vignette.captions.shards.WebDatasetShard.Sample;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;

/**
 * The images in the tar shards of folders: a task a shard, which it reads once from its beginning,
 * passing over the samples that have their captions. What is damaged is a row with an error.
 *
 * @param spark the session
 * @param files of the cluster
 * @param inputs folders, files or globs
 */
record ShardImages(SparkSession spark, HadoopFiles files, List<String> inputs)
    implements InputImages {
  private static final String PATH = "path";
  private static final String DONE = "done";

  /** What Spark's spark.task.maxFailures is by default. */
  private static final int MOST_FAILURES = 4;

  private static final StructType LISTED =
      DataTypes.createStructType(
          List.of(
              DataTypes.createStructField(SHARD, DataTypes.StringType, false),
              DataTypes.createStructField(PATH, DataTypes.StringType, false)));

  @Override
  public Dataset<Row> lacking(Dataset<Row> done) {
    List<Row> shards = new ArrayList<>();
    for (String input : inputs) {
      try {
        addShards(input, shards);
      } catch (IOException failure) {
        throw new UsageException(
            "'%s' cannot be read (%s); check the path".formatted(input, failure), failure);
      }
    }
    Dataset<Row> doneOfShards =
        done.filter(functions.col(SHARD).isNotNull())
            .groupBy(SHARD)
            .agg(functions.collect_list(functions.struct(KEY, SIZE)).as(DONE));
    HadoopFiles reading = files;
    return spark
        .createDataFrame(shards, LISTED)
        .join(doneOfShards, new String[] {SHARD}, "left")
        .select(SHARD, PATH, DONE)
        .repartitionByRange(Math.max(1, shards.size()), functions.col(SHARD))
        .flatMap(
            (FlatMapFunction<Row, Row>) shard -> ShardRows.open(shard, reading),
            Encoders.row(SCHEMA));
  }

  private void addShards(String input, List<Row> shards) throws IOException {
    String root = files.rootOf(input);
    Path pattern = new Path(input);
    FileSystem system = files.systemOf(pattern);
    FileStatus[] found = system.globStatus(pattern);
    if (found != null) {
      for (FileStatus status : found) {
        RemoteIterator<? extends FileStatus> all = files.list(status.getPath(), true);
        while (all.hasNext()) {
          String path = all.next().getPath().toString();
          if (ImageInputs.isShard(path)) {
            shards.add(RowFactory.create(HadoopFiles.relative(root, path), path));
          }
        }
      }
    }
  }

  /** The samples of a shard that have no captions yet, and what is wrong with it. */
  private static final class ShardRows extends LookAhead {
    private final String name;
    private final WebDatasetShard shard;
    private final Set<Done> done;
    private boolean unread;

    private record Done(String key, long size) {}

    private ShardRows(String name, WebDatasetShard shard, Set<Done> done) {
      this.name = name;
      this.shard = shard;
      this.done = done;
    }

    static Iterator<Row> open(Row listed, HadoopFiles files) {
      String name = listed.getString(0);
      String path = listed.getString(1);
      Set<Done> done = new HashSet<>();
      if (!listed.isNullAt(2)) {
        listed.<Row>getList(2).forEach(row -> done.add(new Done(row.getString(0), row.getLong(1))));
      }
      try {
        WebDatasetShard shard =
            WebDatasetShard.open(
                files.open(path),
                path,
                extension -> ImageFormats.isRead(java.nio.file.Path.of("image." + extension)),
                WebDatasetShard.MOST_BYTES);
        TaskContext.get()
            .addTaskCompletionListener((TaskCompletionListener) _ -> closeQuietly(shard));
        return new ShardRows(name, shard, done);
      } catch (IOException failure) {
        return List.of(unread(name, failure)).iterator();
      }
    }

    /**
     * A disk or a connection may be back when the task is tried again; the last time it is a row.
     */
    private static Row unread(String shard, IOException failure) {
      String message =
          "%s cannot be read to its end (%s). Check its disk or connection."
              .formatted(shard, failure);
      int most = SparkEnv.get().conf().getInt("spark.task.maxFailures", MOST_FAILURES);
      boolean local = SparkEnv.get().conf().get("spark.master", "").matches("local(\\[.*)?");
      if (!local && TaskContext.get().attemptNumber() + 1 < most) {
        throw new UncheckedIOException(message, failure);
      }
      return failed(shard, 0, message);
    }

    private static void closeQuietly(WebDatasetShard shard) {
      try {
        shard.close();
      } catch (IOException _) {
        // It was only read.
      }
    }

    @Override
    @Nullable Row read() {
      if (unread) {
        return null;
      }
      try {
        Optional<Item> item = shard.next();
        while (item.isPresent()) {
          Row row = row(item.get());
          if (!done.contains(new Done(row.getString(0), row.getLong(1)))) {
            return row;
          }
          item = shard.next();
        }
        return null;
      } catch (IOException failure) {
        unread = true;
        return unread(name, failure);
      }
    }

    private Row row(Item item) {
      return switch (item) {
        case Fault fault -> failed(name, fault.offset(), fault.message());
        case Sample sample -> row(sample);
      };
    }

    private Row row(Sample sample) {
      Optional<String> extension = sample.image();
      if (extension.isEmpty()) {
        return RowFactory.create(
            sample.key(), 0L, name, null, "The sample %s has no image.".formatted(sample.key()));
      }
      Part image = Objects.requireNonNull(sample.parts().get(extension.get()));
      return RowFactory.create(sample.key(), image.size(), name, image.bytes().orElse(null), null);
    }

    /** What is wrong has the place in its shard for a key. */
    private static Row failed(String shard, long offset, String message) {
      return RowFactory.create("%s@%d".formatted(shard, offset), 0L, shard, null, message);
    }
  }
}
