package dev.vignette.llava;

import java.util.Locale;

/** How a picture becomes the tower's square. */
public enum ImageMode {
  /** The shorter side to the tower's size, the centre cut out: Hugging Face's way. */
  CROP,
  /** The picture on a square of the mean colour, then resized: LLaVA's own code. */
  PAD;

  /**
   * Reads {@code crop} or {@code pad}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static ImageMode parse(String text) {
    try {
      return valueOf(text.strip().toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("an image mode is crop or pad, not '" + text + "'", e);
    }
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
