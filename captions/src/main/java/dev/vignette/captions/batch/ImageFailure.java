package dev.vignette.captions.batch;

/**
 * An image without a caption.
 *
 * @param image the image
 * @param message why, a whole sentence
 */
public record ImageFailure(ImageInput image, String message) {
  /** The message, after the path where it does not name it itself. */
  public String line() {
    String path = image.path().toString();
    return message.contains(path) ? message : path + ": " + message;
  }
}
