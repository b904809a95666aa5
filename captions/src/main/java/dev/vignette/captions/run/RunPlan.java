package dev.vignette.captions.run;

import dev.vignette.images.RgbImage.ImageReadOptions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * What a command was asked to caption and where to, checked before its model is loaded.
 *
 * @param inputs the images
 * @param output where the captions go
 * @param settings how the images are read and prefetched
 * @param quiet whether progress, notes and summary are left out; what goes wrong is said all the
 *     same
 */
public record RunPlan(ImageInputs inputs, RunOutput output, RunSettings settings, boolean quiet) {
  /** Returns whether there is one image only, whose caption goes to the standard output. */
  public boolean isOnePrintedImage() {
    return inputs.images().size() == 1
        && inputs.failures().isEmpty()
        && output instanceof RunOutput.Printed;
  }

  /**
   * Prints a caption of the image that {@link #isOnePrintedImage} speaks of.
   *
   * @throws OutputException if it cannot be printed
   */
  public void print(String caption) {
    if (output instanceof RunOutput.Printed printed) {
      printed.print(inputs.images().getFirst(), caption);
    }
  }

  /**
   * How a run goes about its work; none of it but {@code reading} changes a caption.
   *
   * @param reading how image files become pixels; part of the fingerprint as far as it changes them
   * @param prefetchThreads threads that decode and prepare images, at least 1
   * @param prefetchedImages prepared images that may wait, at least 1; raised to two batches
   * @param saveEvery how often {@code predictions.json} is written while the run lasts
   * @param failuresInARow after how many images in a row that the model fails on the run stops, at
   *     least 1
   * @param nanoTime nanoseconds that only go forward
   * @param clock the time of day
   */
  public record RunSettings(
      ImageReadOptions reading,
      int prefetchThreads,
      int prefetchedImages,
      Duration saveEvery,
      int failuresInARow,
      LongSupplier nanoTime,
      InstantSource clock) {
    private static final int MOST_PREFETCH_THREADS = 8;

    /** Checks the ranges. */
    public RunSettings {
      requirePositive("prefetchThreads", prefetchThreads);
      requirePositive("prefetchedImages", prefetchedImages);
      requirePositive("failuresInARow", failuresInARow);
    }

    private static void requirePositive(String name, int value) {
      if (value < 1) {
        throw new IllegalArgumentException("%s is at least 1, but is %d".formatted(name, value));
      }
    }

    /** Half the processors but at most eight threads, 16 images ahead, saved every 30 seconds. */
    public static RunSettings defaults() {
      int threads = Runtime.getRuntime().availableProcessors() / 2;
      return new RunSettings(
          ImageReadOptions.DEFAULT,
          Math.clamp(threads, 1, MOST_PREFETCH_THREADS),
          16,
          Duration.ofSeconds(30),
          20,
          System::nanoTime,
          InstantSource.system());
    }

    /** The same with images read otherwise. */
    public RunSettings withReading(ImageReadOptions options) {
      return new RunSettings(
          options, prefetchThreads, prefetchedImages, saveEvery, failuresInARow, nanoTime, clock);
    }

    /** The same with other numbers of prefetch threads and of prepared images that may wait. */
    RunSettings withPrefetch(int threads, int images) {
      return new RunSettings(reading, threads, images, saveEvery, failuresInARow, nanoTime, clock);
    }

    /** {@code fingerprint} and what of {@link #reading} changes pixels. */
    public ModelFingerprint withReading(ModelFingerprint fingerprint) {
      return fingerprint
          .with("image.alpha", reading.alpha().name())
          .with("image.upright", Boolean.toString(reading.upright()));
    }
  }
}
