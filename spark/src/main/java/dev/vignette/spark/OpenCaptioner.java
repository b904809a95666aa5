package dev.vignette.spark;

import dev.vignette.captions.run.CaptionDetails;
import dev.vignette.captions.run.CaptionService;
import dev.vignette.captions.run.CaptionWorkers;
import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import dev.vignette.captions.run.ImageInput;
import dev.vignette.captions.run.ImagePreparation;
import dev.vignette.images.RgbImage.ImageReadOptions;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A captioner that is open for all tasks of an executor: bytes of image files go in on their
 * threads, and captions come out. May be used by any number of threads.
 *
 * @param <P> what the captioner makes of an image
 */
final class OpenCaptioner<P> implements AutoCloseable {
  /** After so many images in a row that it fails on, a model is broken; as on the command line. */
  private static final int FAILURES_IN_A_ROW = 20;

  private static final Path NOWHERE = Path.of("image");

  private final CaptionWorkers<P> workers;
  private final ImagePreparation<P> preparation;
  private final CaptionService<P> service;
  private final AutoCloseable model;

  private OpenCaptioner(CaptionWorkers<P> workers, CaptionService<P> service, AutoCloseable model) {
    this.workers = workers;
    this.preparation = new ImagePreparation<>(workers::prepare, ImageReadOptions.DEFAULT);
    this.service = service;
    this.model = model;
  }

  /**
   * Opens the workers.
   *
   * @param model what they stand on: closed after them, also when they cannot be opened
   */
  static <P> OpenCaptioner<P> of(CaptionWorkers<P> workers, AutoCloseable model) {
    try {
      return new OpenCaptioner<>(workers, CaptionService.start(workers, FAILURES_IN_A_ROW), model);
    } catch (Throwable failure) {
      closeAfter(failure, model);
      throw failure;
    }
  }

  private static void closeAfter(Throwable failure, AutoCloseable model) {
    try {
      model.close();
    } catch (Exception second) {
      failure.addSuppressed(second);
    }
  }

  /** Returns how many images are worth handing in before an answer is waited for. */
  int capacity() {
    return service.capacity();
  }

  /**
   * Decodes an image on this thread and has it captioned on another's.
   *
   * @param key names the image in errors
   * @return one caption a setting; or why there is none
   */
  CompletableFuture<List<CaptionDetails>> caption(String key, byte[] file) {
    P prepared;
    try {
      prepared = preparation.of(file, key);
    } catch (RuntimeException | OutOfMemoryError unreadable) {
      return CompletableFuture.failedFuture(unreadable);
    }
    return service.submit(new CaptionTask<>(input(key), prepared, workers.settings()));
  }

  /** The image as messages name it: a key need not be a path, nor be there. */
  private static ImageInput input(String key) {
    if (key.isBlank()) {
      return new ImageInput(NOWHERE, NOWHERE.toString());
    }
    try {
      return new ImageInput(Path.of(key), key);
    } catch (InvalidPathException _) {
      return new ImageInput(NOWHERE, key);
    }
  }

  /**
   * @throws IllegalStateException if the model cannot be closed
   */
  @Override
  public void close() {
    try {
      service.close();
    } finally {
      closeModel();
    }
  }

  private void closeModel() {
    try {
      model.close();
    } catch (Exception failure) {
      throw new IllegalStateException("The model cannot be closed: " + failure, failure);
    }
  }
}
