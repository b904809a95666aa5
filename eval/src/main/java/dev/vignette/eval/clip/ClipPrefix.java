package dev.vignette.eval.clip;

/** What goes before a caption, and a reference, when it is embedded. */
public enum ClipPrefix {
  /** Nothing: the homework's way, and the default here. */
  NONE(""),
  /** jmhessel/clipscore's {@code A photo depicts}. */
  A_PHOTO_DEPICTS("A photo depicts ");

  private final String text;

  ClipPrefix(String text) {
    this.text = text;
  }

  String before(String caption) {
    return text + caption;
  }
}
