package dev.vignette.captioner.train;

import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.captioner.model.PrecisionChoice;
import java.nio.file.Path;
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
}
