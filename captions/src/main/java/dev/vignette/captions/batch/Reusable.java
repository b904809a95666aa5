package dev.vignette.captions.batch;

/** A caption that an image already has. */
sealed interface Reusable {
  /** The text. */
  String caption();

  /** Made by an earlier run with the same model and settings; holds if the image is the same. */
  record MadeBefore(JournalEntry entry) implements Reusable {
    @Override
    public String caption() {
      return entry.caption();
    }
  }

  /** In the predictions but not of this program's making: the user's word, which holds always. */
  record WrittenByHand(String caption) implements Reusable {}
}
