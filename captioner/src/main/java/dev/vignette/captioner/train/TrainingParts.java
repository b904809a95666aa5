package dev.vignette.captioner.train;

import ai.djl.ndarray.NDManager;
import dev.vignette.captioner.AdapterFolder;
import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.BatchAssembler;
import dev.vignette.captioner.model.CaptionDecoder;
import dev.vignette.captioner.model.Gpt2Tokenizer;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.captioner.model.OwnedResources;
import dev.vignette.captioner.model.PrecisionChoice;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.captioner.train.UsedData.UsedModels;
import dev.vignette.captions.run.StopSignal;
import dev.vignette.files.ContentHash;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.torch.FusedAdamW;
import dev.vignette.torch.Precision;
import dev.vignette.torch.ReusableBuffer;
import dev.vignette.torch.TimmVit;
import dev.vignette.torch.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Everything that a run needs, opened from its configuration. */
final class TrainingParts implements AutoCloseable {
  private static final int KEY_DIGITS = 16;

  private final OwnedResources owned = new OwnedResources();

  final NDManager manager;
  final Precision precision;
  final TimmVit encoder;
  final AdapterPlan plan;
  final Trainables trainables;
  final CaptionDecoder decoder;
  final FusedAdamW optimizer;
  final Gpt2Tokenizer tokenizer;
  final List<Sample> train;
  final List<Sample> val;
  final UsedData used;
  final RunBatches trainBatches;
  final RunBatches valBatches;
  final AdapterFolder.Origin origin;

  /** What is odd about the captions, in sentences. */
  final List<String> remarks;

  private final PrecisionChoice choice;
  private final FeatureStore features;

  TrainingParts(TrainConfig config) throws IOException {
    try {
      manager = owned.add(Torch.newManager());
      choice = config.training().precision();
      precision = choice.on(Torch.device(), Torch.hasFastBfloat16());
      Path encoderFolder = existing(config.encoder().model(), "encoder.model");
      Path decoderPath = existing(config.decoder().model(), "decoder.model");
      encoder = TimmVit.describe(encoderFolder);
      Gpt2Weights weights = Gpt2Weights.open(decoderPath);
      Path tokenizerFolder = config.decoder().tokenizer().orElse(folderOf(decoderPath));
      int width = encoder.shape().width();
      origin = new AdapterFolder.Origin(encoderFolder, decoderPath, tokenizerFolder, width);
      plan = AdapterPlan.of(weights.config(), config.lora());
      long seed = config.run().seed();
      trainables =
          owned.add(Trainables.fresh(manager, plan, width, weights.config().width(), seed));
      ParameterTable.requireWithin(trainables.parameters(), config.training().maxTrainable());
      decoder = owned.add(decoder(config, weights));
      optimizer =
          owned.add(
              new FusedAdamW(
                  manager,
                  FusedAdamW.Settings.withWeightDecay(config.training().weightDecay()),
                  trainables.arrays()));
      tokenizer = owned.add(Gpt2Tokenizer.open(tokenizerFolder, weights.config().endToken()));
      TrainConfig.Data data = config.data();
      SampleReader reader =
          new SampleReader(tokenizer, weights.config(), data.captionsPerImage(), data.limit());
      train = reader.read(data.train());
      val = reader.readPredicted(data.val());
      used =
          UsedData.of(
              train,
              val,
              UsedModels.of(encoder, weights, tokenizerFolder, config.validation().clip()));
      remarks = reader.remarks();
      int rows = encoder.shape().tokens();
      features =
          owned.add(
              FeatureStore.open(
                  config.encoder().cache(),
                  storeKey(),
                  rows * width,
                  config.encoder().precision()));
      BatchAssembler assembler = new BatchAssembler(rows, config.training().packing());
      EpochOrder order = new EpochOrder(seed);
      int size = config.training().batchSize();
      ReusableBuffer buffer = new ReusableBuffer();
      trainBatches = new RunBatches(train, features, assembler, order, size, rows, width, buffer);
      valBatches = new RunBatches(val, features, assembler, order, size, rows, width, buffer);
    } catch (IOException | RuntimeException | Error e) {
      owned.closeAfter(e);
      throw e;
    }
  }

  private CaptionDecoder decoder(TrainConfig config, Gpt2Weights weights) {
    CaptionDecoder.Regularization regularization =
        new CaptionDecoder.Regularization(
            config.projectionDropout(), config.training().labelSmoothing());
    return new CaptionDecoder(
        manager, weights, plan, trainables, encoder.shape().tokens(), regularization, precision);
  }

  private static Path existing(String model, String setting) {
    Path path = Path.of(model);
    if (!Files.exists(path)) {
      throw new ConfigException(
          "%s is %s, where there is nothing; training needs the published files there"
              .formatted(setting, model));
    }
    return path;
  }

  private static Path folderOf(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    return Files.isDirectory(path) || parent == null ? path : parent;
  }

  /** Weights, input, normalisation and precision of the encoder. */
  private String storeKey() throws IOException {
    String pixels =
        Integer.toHexString(
            (encoder.shape() + encoder.mean().toString() + encoder.std()).hashCode());
    String key = ContentHash.sampled(encoder.weightFile()).substring(0, KEY_DIGITS) + "-" + pixels;
    return precision == Precision.FP32 ? key : key + "-" + precision.name();
  }

  /** Says where and in which precision the run computes, and warns where that is slow. */
  void announce(TrainListener listener) {
    String place = Torch.device().isGpu() ? Torch.device().toString() : "the CPU";
    String format = precision.name().toLowerCase(Locale.ROOT);
    listener.say("Training on %s in %s".formatted(place, format));
    choice
        .warning("training.precision", Torch.device(), Torch.hasFastBfloat16())
        .ifPresent(listener::warn);
  }

  /** Encodes the images that the store lacks. */
  void encodeImages(TrainListener listener, StopSignal stop) throws IOException {
    FeatureExtractor extractor = new FeatureExtractor(encoder, precision, features);
    extractor.fill(train, listener::encoded, stop);
    extractor.fill(val, listener::encoded, stop);
    features.filled();
    if (features.damaged() > 0) {
      listener.warn(
          "%d encoded images in the cache were damaged (their checksums differ) and are encoded again: is the disk of encoder.cache well?"
              .formatted(features.damaged()));
    }
  }

  @Override
  public void close() {
    owned.close();
  }
}
