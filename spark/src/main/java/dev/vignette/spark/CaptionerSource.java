package dev.vignette.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;

/**
 * Which captioner, and by which settings: what a task takes to its executor, and equal wherever it
 * arrives.
 */
interface CaptionerSource extends Serializable {

  /**
   * Returns 16 hexadecimal digits for all that the captions depend on besides the image, the same
   * that the command line keeps. Reads the model's files.
   *
   * @throws IllegalArgumentException if a file is not there
   */
  String fingerprint();

  /**
   * The files and folders of the model on this machine: what {@link SentFiles} sends.
   *
   * @throws IllegalArgumentException if one is not there
   */
  List<Path> files();

  /**
   * Opens the model in this process.
   *
   * @param place where it computes
   */
  OpenCaptioner<?> open(ComputePlace place);

  /**
   * Has the model opened by a process of its own, {@link ModelProcess}, which starts with the first
   * image and again after an image that ended it.
   */
  OpenCaptioner<?> openApart(ComputePlace place);

  /** Opens the model and captions what comes by {@code in} until it ends: that process. */
  void serve(ComputePlace place, InputStream in) throws IOException;
}
