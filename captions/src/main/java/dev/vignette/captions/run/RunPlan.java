package dev.vignette.captions.run;

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
}
