package dev.vignette.captions.batch;

import java.io.UncheckedIOException;
import java.util.List;

/**
 * Captions images, one or ten thousand: they are loaded ahead on other threads, captioned on the
 * thread that calls {@link #run}, and each caption is safe as soon as it is there. A run that was
 * killed and run again ends with the same predictions, byte for byte, as one that was not.
 *
 * <p>With {@link OutputFiles} a caption is reused if its image file is the same (by size and time
 * of change, else by SHA-256) and the fingerprint is. Captions of images outside the run stay in
 * the predictions, and so do captions that somebody else wrote there. An image that fails loses its
 * old caption.
 *
 * @param <P> what the captioner makes of an image
 */
public final class CaptionRun<P> {
  private final ImageCaptioner<P> captioner;
  private final ImageInputs inputs;
  private final CaptionDestination destination;
  private final RunSettings settings;
  private final ProgressReporter progress;
  private final StopSignal stop;

  /**
   * A run to come.
   *
   * @param progress told of each image, and closed when the run ends
   * @param stop may end the run before all images are captioned
   */
  public CaptionRun(
      ImageCaptioner<P> captioner,
      ImageInputs inputs,
      CaptionDestination destination,
      RunSettings settings,
      ProgressReporter progress,
      StopSignal stop) {
    this.captioner = captioner;
    this.inputs = inputs;
    this.destination = destination;
    this.settings = settings;
    this.progress = progress;
    this.stop = stop;
  }

  /**
   * Runs on this thread until the images are captioned, the stop signal comes, or going on makes no
   * sense. An image that cannot be read or captioned is among the failures of the result.
   *
   * @throws UsageException before any work, if the destination cannot take these captions
   * @throws UncheckedIOException before any work, if it cannot be read and written
   */
  public RunResult run() {
    ModelFingerprint fingerprint = settings.withReading(captioner.fingerprint());
    try (CaptionSink<CaptionDetails> sink =
            CaptionSink.open(destination, inputs.images(), fingerprint);
        progress) {
      ImageLoader<P> loader =
          new ImageLoader<>(captioner::prepare, sink, inputs.images(), settings);
      int ahead = Math.max(settings.prefetchedImages(), 2 * captioner.batchSize());
      try (Prefetcher<P> images =
          new Prefetcher<>(loader, inputs.images(), settings.prefetchThreads(), ahead)) {
        progress.started(inputs.images().size());
        return new CaptionLoop<>(this::ask, captioner.batchSize(), sink, settings, progress, stop)
            .run(images, inputs.images().size());
      }
    }
  }

  private List<CaptionDetails> ask(List<Prefetched.Ready<P>> images) {
    return captioner.caption(images.stream().map(Prefetched.Ready::pixels).toList());
  }
}
