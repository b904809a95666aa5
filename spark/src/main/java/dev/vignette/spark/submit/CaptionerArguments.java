package dev.vignette.spark.submit;

import dev.vignette.captions.run.UsageException;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.spark.ImageCaptionTransformer;
import dev.vignette.spark.Isolation;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which captioner, and how executors open it: a picocli mix-in. */
final class CaptionerArguments {
  @Option(
      names = {"-m", "--model"},
      paramLabel = "GGUF",
      description =
          "The language model (default: the embedded miniature): a file on all machines, or OWNER/NAME[@REVISION][:TYPE] on Hugging Face's hub, which the driver downloads once: with --send-model, or into a cache that all machines share.")
  private @Nullable Path model;

  @Option(
      names = "--mmproj",
      paramLabel = "GGUF",
      description = "The vision tower and projector that belong to the model.")
  private @Nullable Path projector;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "A trained captioner in a LLaVA's place: the folder of its adapter.")
  private @Nullable Path adapter;

  @Option(
      names = "--encoder",
      paramLabel = "DIR",
      description = "The folder of its timm model, if it is no longer where it was in training.")
  private @Nullable Path encoder;

  @Option(
      names = "--decoder",
      paramLabel = "DIR",
      description = "The folder of its GPT-2, if it is no longer where it was.")
  private @Nullable Path decoder;

  @Option(
      names = "--send-model",
      description =
          "Have Spark send the model's files to the machines, where they are not on a path that all share.")
  private boolean send;

  @Option(
      names = "--framing",
      paramLabel = "crop|pad|stretch",
      description = "How a LLaVA sees a picture (default: as the model was trained).")
  private @Nullable String framing;

  @Option(
      names = "--template",
      paramLabel = "TEXT",
      description = "What stands around <image> and {instruction} (default: the model's own).")
  private @Nullable String template;

  @Option(
      names = "--device",
      paramLabel = "cpu|cuda[:N]|auto",
      defaultValue = "auto",
      description =
          "Where a LLaVA computes if Spark gives tasks no cards (spark.task.resource.gpu.amount); cpu in any case (default: ${DEFAULT-VALUE}).")
  private String device = "auto";

  @Option(
      names = "--gpu-layers",
      paramLabel = "N",
      defaultValue = "-1",
      description = "Layers on the card; -1 for all (default: ${DEFAULT-VALUE}).")
  private int gpuLayers;

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      defaultValue = "0",
      description = "Processor threads; 0 for what the executor suffices for.")
  private int threads;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "0",
      description = "Contexts a device; 0 for what there is room for.")
  private int workers;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Images that a worker decodes at once; 0 for what there is room for, at most 16 on a card.")
  private int batchSize;

  @Option(
      names = "--isolate",
      paramLabel = "retry|always|never",
      defaultValue = "retry",
      description =
          "When the model is in a process of its own, so that an image that ends it ends no executor (default: ${DEFAULT-VALUE}, in tasks that are tried again).")
  private String isolate = Isolation.RETRY.toString();

  /** The captioner asked for. */
  ImageCaptionTransformer transformer(String instruction, GenerationConfig config) {
    if ((model == null) != (projector == null)) {
      throw new UsageException(
          "--model and --mmproj belong together, but only %s was given; give both, or neither for the embedded model"
              .formatted(model == null ? "--mmproj" : "--model"));
    }
    ImageCaptionTransformer transformer =
        new ImageCaptionTransformer()
            .setInstruction(instruction)
            .setGeneration(config)
            .setDevice(device)
            .setGpuLayers(gpuLayers)
            .setThreads(threads)
            .setWorkers(workers)
            .setBatchSize(batchSize)
            .setIsolation(Isolation.parse(isolate));
    if (model != null && projector != null) {
      transformer.setModel(absolute(model), absolute(projector));
    }
    if (adapter != null) {
      transformer.setAdapter(absolute(adapter));
    }
    if (encoder != null) {
      transformer.setEncoder(absolute(encoder));
    }
    if (decoder != null) {
      transformer.setDecoder(absolute(decoder));
    }
    if (framing != null) {
      transformer.setFraming(framing);
    }
    return template == null ? transformer : transformer.setTemplate(template);
  }

  private static String absolute(Path file) {
    return file.toAbsolutePath().toString();
  }

  /** Whether Spark is to send the captioner's files. */
  boolean send() {
    return send;
  }
}
