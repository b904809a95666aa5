package dev.vignette.captions.run;

/** A caption that a setting has of an image before a run. */
sealed interface PriorCaption {
  /** Made by an earlier run with the same model and settings; holds if the image is the same. */
  record Made(JournalEntry entry) implements PriorCaption {}

  /** In the predictions but not of this program's making: the user's word, which holds always. */
  record WrittenByHand() implements PriorCaption {}
}
