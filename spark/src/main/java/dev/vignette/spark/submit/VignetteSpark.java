package dev.vignette.spark.submit;

import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.FailureReport;
import dev.vignette.cli.llava.PromptArguments;
import dev.vignette.cli.models.NamedModels;
import dev.vignette.cli.run.ExitCodes;
import dev.vignette.cli.run.GenerationArguments;
import dev.vignette.spark.CaptionMetrics;
import dev.vignette.spark.ImageCaptionTransformer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.apache.spark.SparkException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The program for {@code spark-submit}: images in, a Parquet of captions out. */
@Command(
    name = "vignette-spark",
    description =
        "Captions the images of folders, tar shards or Parquet files on Apache Spark. Submitted again, it captions what is lacking.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Example:",
      "  spark-submit --class dev.vignette.spark.submit.VignetteSpark --packages dev.vignette:vignette-spark:0.1.0 \\",
      "    vignette-spark.jar --input s3a://crawl/shards --output s3a://crawl/captions -m model.gguf --mmproj mmproj.gguf"
    })
public final class VignetteSpark implements Callable<Integer> {

  @Option(
      names = {"-i", "--input"},
      required = true,
      paramLabel = "PATH",
      description =
          "A folder, file or glob with images, tar shards of WebDataset, or Parquet files; may be given several times.")
  private List<String> inputs = List.of();

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "DIR",
      description =
          "The folder of the Parquet files with key, size, shard, caption, error, tokens, log_probability, milliseconds, fingerprint. Rows are added: those of key, size and fingerprint that are there are not made again.")
  private String output = "";

  @Option(
      names = "--format",
      paramLabel = "images|webdataset|parquet",
      description = "What the input holds (default: as it looks).")
  private @Nullable InputForm form;

  @Option(
      names = "--keys",
      paramLabel = "stem|path",
      defaultValue = "stem",
      description =
          "What names an image file: its name without extension, or its path below the input (default: ${DEFAULT-VALUE}).")
  private String keys = KeyMode.STEM.toString();

  @Option(
      names = "--key-column",
      paramLabel = "NAME",
      description =
          "With Parquet: the column that names the images (default: key, or a usual one).")
  private @Nullable String keyColumn;

  @Option(
      names = "--image-column",
      paramLabel = "NAME",
      description =
          "With Parquet: the column of the images' bytes (default: jpg, image, or a usual one).")
  private @Nullable String imageColumn;

  @Option(
      names = "--images-per-task",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "With image files: how many a task captions; what a task has made is safe when it ends (default: ${DEFAULT-VALUE}). A shard is a task.")
  private int imagesPerTask;

  @Option(
      names = "--retry-failed",
      description =
          "Caption the images again whose rows have an error; the rows of before stay beside the new ones.")
  private boolean retryFailed;

  @Mixin private CaptionerArguments captioner = new CaptionerArguments();
  @Mixin private PromptArguments prompt = new PromptArguments();
  @Mixin private GenerationArguments generation = new GenerationArguments();
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (imagesPerTask < 1) {
      throw new UsageException(
          "a task captions 1 image or more, not %d; give --images-per-task 1000"
              .formatted(imagesPerTask));
    }
    ImageCaptionTransformer transformer =
        captioner
            .transformer(prompt.instruction(), generation.toConfig())
            .setKeyCol(InputImages.KEY)
            .setImageCol(InputImages.IMAGE)
            .setKeepsImage(false);
    boolean master = System.getProperty("spark.master") != null;
    SparkSession.Builder builder = SparkSession.builder().appName("vignette");
    SparkSession spark = (master ? builder : builder.master("local[*]")).getOrCreate();
    if (captioner.send()) {
      transformer.sendModel(spark);
    }
    return caption(spark, transformer);
  }

  private int caption(SparkSession spark, ImageCaptionTransformer transformer) {
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    HadoopFiles files = HadoopFiles.of(spark);
    CaptionOutput captions = new CaptionOutput(spark, files, output);
    String fingerprint = transformer.fingerprint();
    Dataset<Row> lacking = images(spark, files).lacking(captions.done(fingerprint, retryFailed));
    Dataset<Row> captioned = transformer.transform(lacking);
    CaptionMetrics metrics = Objects.requireNonNull(transformer.metrics());
    JobProgress progress = new JobProgress(metrics, System::nanoTime);
    spark.sparkContext().addSparkListener(progress);
    try {
      captions.add(captioned);
    } catch (RuntimeException failure) {
      if (failure instanceof UsageException || !isOfJob(failure)) {
        throw failure;
      }
      err.printf(
          "vignette-spark: the job ended before its end: %s%nSubmitted again it goes on.%n",
          FailureReport.sentence(rootOf(failure)));
      err.flush();
      return ExitCodes.STOPPED;
    } finally {
      spark.sparkContext().removeSparkListener(progress);
    }
    err.printf("%s into %s (fingerprint %s)%n", progress.line(), output, fingerprint);
    err.flush();
    return ExitCodes.DONE;
  }

  private InputImages images(SparkSession spark, HadoopFiles files) {
    return switch (form == null ? InputForm.of(files, inputs) : form) {
      case IMAGES -> new FolderImages(spark, files, inputs, KeyMode.parse(keys), imagesPerTask);
      case WEBDATASET -> new ShardImages(spark, files, inputs);
      case PARQUET -> new ParquetImages(spark, inputs, keyColumn, imageColumn);
    };
  }

  private static boolean isOfJob(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof SparkException) {
        return true;
      }
    }
    return false;
  }

  private static Throwable rootOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** Runs the program; returns its exit code. */
  static int run(PrintWriter err, String... arguments) {
    CommandLine command = new CommandLine(new VignetteSpark());
    NamedModels.offerOffline(command);
    ExitCodes.listIn(command);
    return command
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setExecutionStrategy(NamedModels::executeNamed)
        .setExecutionExceptionHandler((failure, _, _) -> FailureReport.say(failure, err))
        .execute(arguments);
  }

  public static void main(String[] arguments) {
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    int code = run(new PrintWriter(System.err, true, StandardCharsets.UTF_8), arguments);
    if (SparkSession.getDefaultSession().isDefined()) {
      SparkSession.getDefaultSession().get().stop();
    }
    if (code != ExitCodes.DONE) {
      System.exit(code); // a cluster takes any exit from the middle of a driver for a failure
    }
  }
}
