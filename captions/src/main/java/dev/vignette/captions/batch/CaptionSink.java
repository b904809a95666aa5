package dev.vignette.captions.batch;

import java.util.List;
import java.util.Map;

/**
 * Takes what comes of the images of a run. All but {@link #reusable} and {@link #needsHashes} is
 * called on the captioning thread; {@link java.io.UncheckedIOException} says that it cannot be
 * written.
 *
 * @param <R> what captioning one image gives
 */
interface CaptionSink<R> extends AutoCloseable {
  /**
   * Opens {@code destination}.
   *
   * @throws UsageException if it cannot take the captions of {@code images}
   */
  static CaptionSink<CaptionDetails> open(
      CaptionDestination destination, List<ImageInput> images, ModelFingerprint fingerprint) {
    return switch (destination) {
      case OutputFiles files -> OutputSession.open(files, images, fingerprint);
      case CaptionLines lines -> new LineSink(lines);
    };
  }

  /** The captions that {@code images} already have, by key. */
  Map<String, Reusable> reusable(List<ImageInput> images);

  /** Whether {@link Prefetched.Ready#sha256} is of use. */
  boolean needsHashes();

  /** Takes what was made now. */
  void captioned(Prefetched.Ready<?> image, R made);

  /** Takes a caption that was there. */
  void reused(Prefetched.Done<?> image);

  /** Takes note that there is no caption of {@code image}, not even an old one that counts. */
  void failed(ImageInput image);

  /** Brings everything so far to the disk. */
  void save();

  /** Saves for the last time. */
  void finish();

  /** How many sidecars held another's text and were left alone. */
  int sidecarsLeft();

  @Override
  void close();
}
