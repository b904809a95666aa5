package dev.vignette.captions.run;

import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import dev.vignette.captions.run.Prefetcher.Prefetched;
import java.util.List;
import java.util.Optional;

/** Gives the images of a run to one of its workers, and what comes of them to the run. */
record RunFeed<P>(SharedRun run, Prefetcher<P> images)
    implements WorkFeed<P, Prefetched.Ready<P>> {

  @Override
  public Optional<Prefetched.Ready<P>> next() {
    return run.next(images);
  }

  @Override
  public CaptionTask<P> task(Prefetched.Ready<P> image) {
    return new CaptionTask<>(image.image(), image.pixels(), image.lacking());
  }

  @Override
  public boolean goesOn() {
    return run.goesOn();
  }

  @Override
  public boolean isStopped() {
    return run.isStopped();
  }

  /** A run wants all its images. */
  @Override
  public boolean isWanted(Prefetched.Ready<P> image) {
    return true;
  }

  @Override
  public boolean begin(Prefetched.Ready<P> image) {
    return run.begin(image);
  }

  @Override
  public void release(Prefetched.Ready<P> image) {
    run.release(image);
  }

  @Override
  public void captioning(Runnable step) {
    run.captioning(step);
  }

  @Override
  public void captioned(Prefetched.Ready<P> image, List<CaptionDetails> captions) {
    run.captioned(image, captions);
  }

  @Override
  public void failed(Prefetched.Ready<P> image, RuntimeException reason) {
    run.failed(image, reason);
  }
}
