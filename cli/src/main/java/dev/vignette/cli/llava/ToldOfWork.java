package dev.vignette.cli.llava;

import dev.vignette.captions.run.CaptionWorkers;
import dev.vignette.captions.run.ModelFingerprint;
import dev.vignette.images.RgbImage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** Workers that say once, before any caption is made, that one is to be made. */
final class ToldOfWork<P> implements CaptionWorkers<P> {
  private final CaptionWorkers<P> workers;
  private final Runnable told;
  private final AtomicBoolean begun = new AtomicBoolean();

  /**
   * Other workers.
   *
   * @param told called on a thread that prepares images
   */
  ToldOfWork(CaptionWorkers<P> workers, Runnable told) {
    this.workers = workers;
    this.told = told;
  }

  @Override
  public P prepare(RgbImage image) {
    if (!begun.getAndSet(true)) {
      told.run();
    }
    return workers.prepare(image);
  }

  @Override
  public List<String> settings() {
    return workers.settings();
  }

  @Override
  public ModelFingerprint fingerprint(String setting) {
    return workers.fingerprint(setting);
  }

  @Override
  public Optional<String> changed() {
    return workers.changed();
  }

  @Override
  public int count() {
    return workers.count();
  }

  @Override
  public int capacity() {
    return workers.capacity();
  }

  @Override
  public CaptionWorker<P> open(int number) {
    return workers.open(number);
  }
}
