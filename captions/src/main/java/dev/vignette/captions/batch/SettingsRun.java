package dev.vignette.captions.batch;

import java.io.UncheckedIOException;
import java.util.List;

/**
 * A {@link CaptionRun} in which each image is captioned by several settings and loaded once. Each
 * setting has outputs of its own; an image is captioned only by the settings that lack it, and one
 * that fails loses its captions of all settings, so that they are about the same images.
 *
 * @param <P> what the captioner makes of an image
 */
public final class SettingsRun<P> {
  private final SettingsCaptioner<P> captioner;
  private final ImageInputs inputs;
  private final SettingFiles files;
  private final RunSettings settings;
  private final ProgressReporter progress;
  private final StopSignal stop;

  /** A run to come; the arguments are those of {@link CaptionRun}. */
  public SettingsRun(
      SettingsCaptioner<P> captioner,
      ImageInputs inputs,
      SettingFiles files,
      RunSettings settings,
      ProgressReporter progress,
      StopSignal stop) {
    this.captioner = captioner;
    this.inputs = inputs;
    this.files = files;
    this.settings = settings;
    this.progress = progress;
    this.stop = stop;
  }

  /**
   * Runs on this thread until the images are captioned; see {@link CaptionRun#run}. An image counts
   * as captioned if any setting captioned it now, as reused if all had its caption.
   *
   * @throws UsageException before any work, if the files cannot take these captions
   * @throws UncheckedIOException before any work, if they cannot be read and written
   */
  public RunResult run() {
    try (SettingsSession session =
            SettingsSession.open(
                files,
                inputs.images(),
                setting -> settings.withReading(captioner.fingerprint(setting)));
        progress) {
      ImageLoader<P> loader =
          new ImageLoader<>(captioner::prepare, session, inputs.images(), settings);
      try (Prefetcher<P> images =
          new Prefetcher<>(
              loader, inputs.images(), settings.prefetchThreads(), settings.prefetchedImages())) {
        progress.started(inputs.images().size());
        return new CaptionLoop<P, List<CaptionDetails>>(
                batch -> ask(session, batch), 1, session, settings, progress, stop)
            .run(images, inputs.images().size());
      }
    }
  }

  private List<List<CaptionDetails>> ask(
      SettingsSession session, List<Prefetched.Ready<P>> images) {
    return images.stream()
        .map(image -> captioner.caption(image.pixels(), session.missing(image)))
        .toList();
  }
}
