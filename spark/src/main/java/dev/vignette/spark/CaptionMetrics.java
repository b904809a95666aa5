package dev.vignette.spark;

import dev.vignette.captions.run.CaptionDetails;
import java.io.Serializable;
import java.util.Locale;
import org.apache.spark.SparkContext;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.LongAccumulator;

/**
 * What tasks have done, on the driver and on Spark's page of a stage. Only tasks that ended well
 * are counted.
 *
 * @param images that have a caption
 * @param failed images that have an error instead
 * @param tokens generated
 * @param milliseconds in encoder and decoder
 */
public record CaptionMetrics(
    LongAccumulator images,
    LongAccumulator failed,
    LongAccumulator tokens,
    DoubleAccumulator milliseconds)
    implements Serializable {

  static CaptionMetrics of(SparkContext context) {
    return new CaptionMetrics(
        context.longAccumulator("vignette images"),
        context.longAccumulator("vignette failed images"),
        context.longAccumulator("vignette tokens"),
        context.doubleAccumulator("vignette milliseconds"));
  }

  void count(CaptionDetails caption) {
    images.add(1L);
    tokens.add((long) caption.tokens().size());
    milliseconds.add(millis(caption));
  }

  void countFailed() {
    failed.add(1L);
  }

  /** Milliseconds in encoder and decoder. */
  static double millis(CaptionDetails caption) {
    return caption.encodeMillis() + caption.prefillMillis() + caption.decodeMillis();
  }

  /** Such as {@code 300 images, 2 failed, 2461 tokens, 12.3 s of the model}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d images, %d failed, %d tokens, %.1f s of the model",
        images.value(),
        failed.value(),
        tokens.value(),
        milliseconds.value() / 1000);
  }
}
