package dev.vignette.captions.run;

import dev.vignette.captions.run.ImageInput.FileStamp;
import dev.vignette.captions.run.Prefetcher.Prefetched;
import dev.vignette.captions.run.RunPlan.RunSettings;
import dev.vignette.files.sentences.FailureText;
import dev.vignette.images.RgbImage;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Looks at one image, on a prefetch thread: whether its caption can be reused, else its pixels.
 *
 * <p>The stamp is taken first, then the hash, then the pixels, so that a file that is replaced
 * meanwhile is found changed by the next run.
 *
 * @param <P> what a captioner makes of an image
 */
final class ImageLoader<P> {
  private final ImagePreparation<P> preparation;
  private final RunLedger ledger;
  private final RunSettings settings;

  ImageLoader(Function<RgbImage, P> prepare, RunLedger ledger, RunSettings settings) {
    this.preparation = new ImagePreparation<>(prepare, settings.reading());
    this.ledger = ledger;
    this.settings = settings;
  }

  Prefetched<P> load(ImageInput image) {
    try {
      return look(image);
    } catch (IOException failure) {
      return new Prefetched.Unreached<>(image, why(image, failure));
    } catch (RuntimeException failure) {
      return new Prefetched.Unreadable<>(image, FailureText.of(failure));
    } catch (OutOfMemoryError failure) {
      return new Prefetched.Unreached<>(
          image,
          "%s needs more memory than there is (%s). Make a smaller copy, or give Java more (VIGNETTE_JAVA_OPTS=-Xmx4g)."
              .formatted(image.path(), failure.getMessage()));
    }
  }

  private static String why(ImageInput image, IOException failure) {
    Path file = image.path();
    return switch (failure) {
      case NoSuchFileException _ when Files.isSymbolicLink(image.file()) ->
          file + " is a link that leads nowhere. Mend it, or leave it out.";
      case NoSuchFileException _ -> file + " is not there any more. Check the path.";
      case AccessDeniedException _ ->
          file + " may not be read by this user. Give permission to read it.";
      default ->
          "%s cannot be read (%s). Check its disk or connection."
              .formatted(file, failure.getMessage());
    };
  }

  private Prefetched<P> look(ImageInput image) throws IOException {
    if (ledger.isSettled(image)) {
      return new Prefetched.Done<>(image, Optional.empty());
    }
    FileStamp stamp = image.stamp(settings.clock().instant());
    if (ledger.lacking(image, stamp, null).isEmpty()) {
      return new Prefetched.Done<>(image, Optional.of(stamp));
    }
    String sha256 = ledger.needsHashes() ? image.sha256() : "";
    List<String> lacking = ledger.lacking(image, stamp, sha256);
    if (lacking.isEmpty()) {
      return new Prefetched.Done<>(image, Optional.of(stamp));
    }
    Optional<String> refusal = ledger.refusal(image, sha256, lacking);
    return refusal.isPresent()
        ? new Prefetched.Refused<>(image, sha256, lacking, refusal.get())
        : new Prefetched.Ready<>(image, stamp, sha256, lacking, preparation.of(image));
  }
}
