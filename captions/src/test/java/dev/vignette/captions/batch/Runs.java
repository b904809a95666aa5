package dev.vignette.captions.batch;

import java.nio.file.Path;
import java.util.List;

/** Starts runs with settings that suit tests. */
final class Runs {
  private Runs() {}

  static RunResult run(ImageCaptioner<?> captioner, ImageInputs inputs, CaptionDestination to) {
    return run(captioner, inputs, to, new StopSignal());
  }

  static RunResult run(
      ImageCaptioner<?> captioner, ImageInputs inputs, CaptionDestination to, StopSignal stop) {
    return new CaptionRun<>(
            captioner,
            inputs,
            to,
            RunSettings.defaults().withPrefetch(2, 4),
            ProgressReporter.silent(),
            stop)
        .run();
  }

  static ImageInputs folder(Path folder) {
    return ImageInputs.find(List.of(folder.toString()), List.of(), KeyMode.STEM);
  }
}
