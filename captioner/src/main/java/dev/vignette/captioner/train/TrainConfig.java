package dev.vignette.captioner.train;

import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.captioner.model.PrecisionChoice;
import dev.vignette.files.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Everything that determines a training run.
 *
 * @param run where it goes and how it is seeded
 * @param data what is learnt
 * @param encoder the frozen vision transformer
 * @param decoder the frozen GPT-2
 * @param projectionDropout probability on projected visual rows
 * @param lora the adapters
 * @param training the steps
 * @param validation what happens after each epoch
 * @param effectiveYaml the whole configuration, defaults and overrides included
 */
public record TrainConfig(
    Run run,
    Data data,
    Encoder encoder,
    Decoder decoder,
    double projectionDropout,
    LoraSettings lora,
    Training training,
    Validation validation,
    String effectiveYaml) {

  /**
   * Reads a YAML file.
   *
   * @param overrides {@code section.name=value}, as of {@code --set}
   * @throws ConfigException naming the line, the value and what is allowed
   * @throws IOException if it cannot be read
   */
  public static TrainConfig read(Path file, List<String> overrides) throws IOException {
    return TrainConfigReader.read(file, overrides);
  }

  /**
   * @param name of the run
   * @param folder that holds the runs
   * @param seed of initialisation, order and dropout
   */
  public record Run(String name, Path folder, long seed) {}

  /**
   * @param train annotations and images learnt from
   * @param val annotations and images validated on
   * @param captionsPerImage captions used of each image at most, 0 for all
   * @param limit images used of each set at most, 0 for all
   */
  public record Data(Split train, Split val, int captionsPerImage, int limit) {}

  /**
   * @param annotations COCO file
   * @param images folder that its file names are relative to
   */
  public record Split(Path annotations, Path images) {}

  /**
   * @param model folder of a timm model; a name only where no weights are needed
   * @param cache folder of cached features
   * @param precision of cached features
   */
  public record Encoder(String model, Path cache, FeaturePrecision precision) {}

  /** Number format of cached features. */
  public enum FeaturePrecision {
    FP16,
    FP32
  }

  /**
   * @param model folder or weight file of GPT-2; a name only where no weights are needed
   * @param tokenizer folder of the tokenizer when it is another
   */
  public record Decoder(String model, Optional<Path> tokenizer) {}

  /**
   * @param epochs passes over the data
   * @param batchSize images of a batch
   * @param accumulation batches of a step
   * @param packing whether captions of an image share a row
   * @param precision of linear maps and attention
   * @param schedule of the learning rate
   * @param weightDecay of AdamW
   * @param clipNorm largest norm of the gradients; 0 for no limit
   * @param labelSmoothing share of the targets' probability spread over the vocabulary
   * @param projectionEpochs epochs at the start in which only the projection trains
   * @param maxTrainable most trainable elements; 0 for no limit
   * @param checkpointSteps steps between checkpoints
   * @param threads of one operation; 0 for the engine's choice
   */
  public record Training(
      int epochs,
      int batchSize,
      int accumulation,
      boolean packing,
      PrecisionChoice precision,
      RateSchedule schedule,
      double weightDecay,
      double clipNorm,
      double labelSmoothing,
      int projectionEpochs,
      long maxTrainable,
      int checkpointSteps,
      int threads) {}

  /**
   * @param metric that chooses the best epoch
   * @param patience epochs without a better one after which training stops; 0 for never
   * @param maxNewTokens of a generated caption
   * @param minDistinct share of distinct captions below which an alarm is raised
   * @param clip folder of a CLIP model for CLIPScore
   */
  public record Validation(
      String metric, int patience, int maxNewTokens, double minDistinct, Optional<Path> clip) {}

  /**
   * The learning rate over a run: a shape times a linear warm-up. {@code unit} counts optimizer
   * steps or epochs; within an epoch the rate stays where it is when it counts epochs.
   *
   * @param shape of the decay
   * @param unit of length and warm-up
   * @param rate the highest rate
   * @param warmup units until the whole rate; 0 for none
   * @param length units of the decay, 0 for the whole run; past it a cosine rises again, as
   *     PyTorch's does
   * @param minRate the lowest rate of the decay
   */
  public record RateSchedule(
      Shape shape, Unit unit, double rate, int warmup, int length, double minRate) {
    /** How the rate falls. */
    public enum Shape {
      CONSTANT,
      COSINE,
      LINEAR
    }

    /** What is counted. */
    public enum Unit {
      STEP,
      EPOCH
    }

    public RateSchedule {
      if (!(rate >= 0) || minRate < 0 || minRate > rate || warmup < 0 || length < 0) {
        throw new IllegalArgumentException(
            "training.learning_rate must be >= min_learning_rate >= 0, not %s and %s"
                .formatted(rate, minRate));
      }
    }

    /**
     * The rate of a step.
     *
     * @param step from 0
     * @param epoch from 0
     * @param totalSteps of the run
     * @param totalEpochs of the run
     */
    public double rateAt(long step, int epoch, long totalSteps, int totalEpochs) {
      double at = unit == Unit.STEP ? step : epoch;
      double end = length > 0 ? length : unit == Unit.STEP ? totalSteps : totalEpochs;
      double factor =
          switch (shape) {
            case CONSTANT -> 1;
            case COSINE -> 0.5 * (1 + Math.cos(Math.PI * at / end));
            case LINEAR -> Math.max(0, 1 - at / end);
          };
      double warm = warmup == 0 ? 1 : Math.min(1, (at + 1) / warmup);
      return warm * (minRate + (rate - minRate) * factor);
    }
  }
}
