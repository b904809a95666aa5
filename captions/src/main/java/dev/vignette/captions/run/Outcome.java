package dev.vignette.captions.run;

/** What came of an image of a run. */
public sealed interface Outcome {
  /** Returns the image. */
  ImageInput image();

  /** It was captioned now, by the settings that lacked it. */
  record Captioned(ImageInput image) implements Outcome {}

  /** It had its captions, made of the same file by the same model and settings. */
  record Reused(ImageInput image) implements Outcome {}

  /** It had captions that this program did not make, which were kept. */
  record WrittenByHand(ImageInput image) implements Outcome {}

  /**
   * It has no caption, or not all.
   *
   * @param message why, a whole sentence
   */
  record Failed(ImageInput image, String message) implements Outcome {
    /** Returns the message, after the path where it does not name it itself. */
    public String line() {
      String path = image.path().toString();
      return message.contains(path) ? message : path + ": " + message;
    }
  }
}
