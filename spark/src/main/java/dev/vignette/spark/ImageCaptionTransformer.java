package dev.vignette.spark;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.PixelPreprocessor.Framing;
import dev.vignette.llama.LlamaModel.ModelOptions;
import dev.vignette.llava.EmbeddedModel;
import java.io.IOException;
import java.io.Serial;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Captions a column of image files with a LLaVA or with a trained captioner: adds caption, error,
 * tokens, log-probability, milliseconds and fingerprint to each row.
 *
 * <p>An executor opens the model once; images of all its tasks are decoded together. An image that
 * cannot be read or captioned is a row with an error. A task that is tried again captions by a
 * process apart, so that an image that ends the executor is such a row too.
 */
public final class ImageCaptionTransformer extends Transformer implements DefaultParamsWritable {
  @Serial private static final long serialVersionUID = 1L;

  private final String uid;
  private final Param<String> keyCol;
  private final Param<String> imageCol;
  private final BooleanParam keepsImage;
  private final Param<String> model;
  private final Param<String> mmproj;
  private final Param<String> adapter;
  private final Param<String> encoder;
  private final Param<String> decoder;
  private final Param<String> instruction;
  private final Param<String> framing;
  private final Param<String> template;
  private final Param<String> device;
  private final IntParam gpuLayers;
  private final IntParam threads;
  private final IntParam workers;
  private final IntParam batchSize;
  private final Param<String> isolate;
  private final GenerationParams generation;
  private final List<Param<?>> all = new ArrayList<>();
  private transient @Nullable CaptionMetrics metrics;

  /** A captioner by the embedded miniature LLaVA until a model is set. */
  public ImageCaptionTransformer() {
    this(Identifiable$.MODULE$.randomUID("imageCaption"));
  }

  /** One with a name of its own. */
  public ImageCaptionTransformer(String uid) {
    this.uid = uid;
    keyCol = text("keyCol", "the text that names an image");
    imageCol = text("imageCol", "the bytes of an image file");
    keepsImage = added(new BooleanParam(uid, "keepsImage", "whether the bytes stay in the rows"));
    model = text("model", "the language model of a LLaVA, a GGUF file");
    mmproj = text("mmproj", "its vision tower and projector, a GGUF file");
    adapter = text("adapter", "the folder of a trained captioner, in a LLaVA's place");
    encoder =
        text("encoder", "the folder of the timm model, if it is not where it was in training");
    decoder = text("decoder", "the folder of GPT-2, if it is not where it was in training");
    instruction = text("instruction", "what a LLaVA is asked");
    framing = text("framing", "how a LLaVA sees a picture: crop, pad or stretch");
    template = text("template", "what stands around <image> and {instruction}");
    device = text("device", "cpu, cuda:N or auto, where Spark gives a task no cards");
    gpuLayers = number("gpuLayers", "layers on the card, -1 for all");
    threads = number("threads", "processor threads, 0 for what the executor suffices for");
    workers = number("workers", "contexts a device, 0 for what there is room for");
    batchSize = number("batchSize", "images of a worker, 0 for what there is room for");
    isolate = text("isolate", "when a process apart captions: retry, always or never");
    generation = new GenerationParams(this);
    all.addAll(generation.all());
    setDefaults();
  }

  private void setDefaults() {
    setDefault(keyCol, "path");
    setDefault(imageCol, "content");
    setDefault(keepsImage, true);
    setDefault(instruction, EmbeddedModel.DEFAULT_INSTRUCTION);
    setDefault(device, "auto");
    setDefault(gpuLayers, ModelOptions.ALL_LAYERS);
    setDefault(threads, 0);
    setDefault(workers, 0);
    setDefault(batchSize, 0);
    setDefault(isolate, Isolation.RETRY.toString());
  }

  private Param<String> text(String name, String help) {
    return added(new Param<>(this, name, help));
  }

  private IntParam number(String name, String help) {
    return added(new IntParam(this, name, help));
  }

  private <P extends Param<?>> P added(P param) {
    all.add(param);
    return param;
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public Param<?>[] params() {
    return all.toArray(Param<?>[]::new);
  }

  /** Names the column of the texts that name images; {@code path} by default. */
  public ImageCaptionTransformer setKeyCol(String value) {
    return with(keyCol, value);
  }

  /** Names the column of the bytes of image files; {@code content} by default. */
  public ImageCaptionTransformer setImageCol(String value) {
    return with(imageCol, value);
  }

  /** Says whether the bytes stay in the rows; they do by default. */
  public ImageCaptionTransformer setKeepsImage(boolean value) {
    set(keepsImage, value);
    return this;
  }

  /** Takes a LLaVA: two GGUF files under paths that all machines share, or {@link #sendModel}. */
  public ImageCaptionTransformer setModel(String languageModel, String projector) {
    return with(model, languageModel).with(mmproj, projector);
  }

  /**
   * Takes a trained captioner: the folder of its adapter, on all machines or {@link #sendModel}.
   */
  public ImageCaptionTransformer setAdapter(String folder) {
    return with(adapter, folder);
  }

  /** Says where a trained captioner's encoder is, if it is not where it was in training. */
  public ImageCaptionTransformer setEncoder(String folder) {
    return with(encoder, folder);
  }

  /** Says where a trained captioner's GPT-2 is, if it is not where it was in training. */
  public ImageCaptionTransformer setDecoder(String folder) {
    return with(decoder, folder);
  }

  /** Says what a LLaVA is asked. */
  public ImageCaptionTransformer setInstruction(String value) {
    return with(instruction, value);
  }

  /** Says how a LLaVA sees a picture: {@code crop}, {@code pad} or {@code stretch}. */
  public ImageCaptionTransformer setFraming(String value) {
    return with(framing, value);
  }

  /** Says what stands around {@code <image>} and {@code {instruction}}. */
  public ImageCaptionTransformer setTemplate(String value) {
    return with(template, value);
  }

  /** Says where the model computes: {@code cpu}, {@code cuda:N} or {@code auto}. */
  public ImageCaptionTransformer setDevice(String value) {
    return with(device, value);
  }

  /** Says how many layers are on the card, -1 for all. */
  public ImageCaptionTransformer setGpuLayers(int value) {
    return with(gpuLayers, value);
  }

  /** Says how many processor threads a LLaVA has, 0 for what the executor suffices for. */
  public ImageCaptionTransformer setThreads(int value) {
    return with(threads, value);
  }

  /** Says how many contexts a device has, 0 for what there is room for. */
  public ImageCaptionTransformer setWorkers(int value) {
    return with(workers, value);
  }

  /** Says how many images a worker decodes at once, 0 for what there is room for. */
  public ImageCaptionTransformer setBatchSize(int value) {
    return with(batchSize, value);
  }

  /** Says when the model is in a process of its own. */
  public ImageCaptionTransformer setIsolation(Isolation value) {
    return with(isolate, value.toString());
  }

  /** Says how tokens are chosen. */
  public ImageCaptionTransformer setGeneration(GenerationConfig config) {
    generation.set(config);
    return this;
  }

  private ImageCaptionTransformer with(Param<String> param, String value) {
    set(param, value);
    return this;
  }

  private ImageCaptionTransformer with(IntParam param, int value) {
    set(param, value);
    return this;
  }

  /**
   * @throws IllegalArgumentException if a column or a param is not as it must be, or a file of the
   *     model is not there
   */
  @Override
  public Dataset<Row> transform(Dataset<?> images) {
    StructType schema = images.schema();
    CaptionerSource source = source();
    CaptionMetrics counted = CaptionMetrics.of(images.sparkSession().sparkContext());
    metrics = counted;
    CaptionPartitions captioning =
        new CaptionPartitions(
            source,
            source.fingerprint(),
            $(device),
            Isolation.parse($(isolate)),
            columns(schema),
            counted);
    return images.toDF().mapPartitions(captioning, Encoders.row(transformSchema(schema)));
  }

  /**
   * @throws IllegalArgumentException if a column is not as it must be
   */
  @Override
  public StructType transformSchema(StructType schema) {
    return columns(schema).output(schema);
  }

  private CaptionColumns columns(StructType schema) {
    return CaptionColumns.of(schema, $(keyCol), $(imageCol), (Boolean) $(keepsImage));
  }

  /** What the tasks of the last {@link #transform} have done; null before it. */
  public @Nullable CaptionMetrics metrics() {
    return metrics;
  }

  /** The fingerprint that captions get: it changes with all that can change a word of them. */
  public String fingerprint() {
    return source().fingerprint();
  }

  /**
   * Has Spark bring the files of the model to all machines of the session, where it is not on a
   * path that they share. Call it once, before {@link #transform}; {@code local} has nothing to
   * send.
   *
   * @throws IllegalArgumentException if a file is not there, or two are called alike
   * @throws UncheckedIOException if one cannot be read
   */
  public void sendModel(SparkSession spark) {
    if (!isDefined(adapter)) {
      List<Path> files = llava().files();
      setModel(target(files.getFirst()), target(files.getLast()));
    }
    SentFiles.send(spark, source().files());
  }

  /** What a link leads to, as those of Hugging Face's cache do. */
  private static String target(Path file) {
    try {
      Path target = file;
      while (Files.isSymbolicLink(target)) {
        target = target.resolveSibling(Files.readSymbolicLink(target));
      }
      return absolute(target);
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "'%s' cannot be read (%s); check the path".formatted(file, failure), failure);
    }
  }

  private CaptionerSource source() {
    if (!isDefined(adapter)) {
      return llava();
    }
    if (isDefined(model)) {
      throw new IllegalArgumentException(
          "an adapter and a model of a LLaVA are two captioners, but both are set; clear one");
    }
    return new TrainedSource($(adapter), given(encoder), given(decoder), generation.config());
  }

  private @Nullable String given(Param<String> param) {
    return isDefined(param) ? $(param) : null;
  }

  private LlavaSource llava() {
    if (isDefined(model) != isDefined(mmproj)) {
      throw new IllegalArgumentException(
          "model and mmproj belong together, but only %s is set; set both, or neither for the embedded model"
              .formatted(isDefined(model) ? "model" : "mmproj"));
    }
    EmbeddedModel embedded = isDefined(model) ? null : EmbeddedModel.find();
    return new LlavaSource(
        embedded == null ? $(model) : absolute(embedded.languageModel()),
        embedded == null ? $(mmproj) : absolute(embedded.projector()),
        $(instruction),
        generation.config(),
        isDefined(framing) ? framing($(framing)) : null,
        given(template),
        new LlavaSource.Load(
            (Integer) $(gpuLayers),
            (Integer) $(threads),
            (Integer) $(workers),
            (Integer) $(batchSize)));
  }

  private static String absolute(Path file) {
    return file.toAbsolutePath().toString();
  }

  private static Framing framing(String name) {
    return Stream.of(Framing.CROP, Framing.PAD, Framing.STRETCH)
        .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException("framing is crop, pad or stretch, not '" + name + "'"));
  }

  @Override
  public ImageCaptionTransformer copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  /** Reads what {@link #save} wrote. */
  public static MLReader<ImageCaptionTransformer> read() {
    return new DefaultParamsReader<>();
  }

  /** Reads what {@link #save} wrote into a folder. */
  public static ImageCaptionTransformer load(String path) {
    return read().load(path);
  }
}
