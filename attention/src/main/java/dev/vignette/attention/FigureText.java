package dev.vignette.attention;

import dev.vignette.captions.run.UsageException;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.awt.font.LineBreakMeasurer;
import java.awt.font.TextAttribute;
import java.awt.font.TextLayout;
import java.text.AttributedString;
import java.util.ArrayList;
import java.util.List;

/** Text on a figure: lines broken to a width, and words cut to one. */
final class FigureText {
  private static final FontRenderContext SMOOTH = new FontRenderContext(null, true, true);
  private static final String ELLIPSIS = "…";

  private FigureText() {}

  /**
   * Checks that this machine can draw text at all: a JDK on Linux finds its fonts through
   * fontconfig, and throws whatever it trips over where that or every font is missing.
   *
   * @throws UsageException saying what to install, if it cannot
   */
  static void require() {
    try {
      new TextLayout("Text", font(Font.PLAIN, 12), SMOOTH).getBounds();
    } catch (RuntimeException | InternalError | LinkageError failure) {
      throw new UsageException(
          "Text cannot be drawn, since Java finds no fonts on this machine (%s). Install fontconfig and a font: on Debian and Ubuntu the packages fontconfig and fonts-dejavu-core, on Fedora fontconfig and dejavu-sans-fonts."
              .formatted(failure),
          failure);
    }
  }

  static Font font(int style, int size) {
    return new Font(Font.SANS_SERIF, style, size);
  }

  /** The lines of a text in a width, in pixels; none of a blank text. */
  static List<TextLayout> lines(String text, Font font, float width) {
    List<TextLayout> lines = new ArrayList<>();
    if (text.isBlank()) {
      return lines;
    }
    AttributedString attributed = new AttributedString(text.strip());
    attributed.addAttribute(TextAttribute.FONT, font);
    LineBreakMeasurer measurer = new LineBreakMeasurer(attributed.getIterator(), SMOOTH);
    while (measurer.getPosition() < text.strip().length()) {
      lines.add(measurer.nextLayout(width));
    }
    return lines;
  }

  /** The text on one line, its end left out if it is wider than {@code width} pixels. */
  static void drawFitting(
      Graphics2D graphics, String text, Font font, Color color, float x, float y, float width) {
    if (text.isBlank()) {
      return;
    }
    String fitting = text;
    while (fitting.length() > 1 && width(fitting, text, font) > width) {
      fitting = fitting.substring(0, fitting.offsetByCodePoints(fitting.length(), -1));
    }
    graphics.setColor(color);
    new TextLayout(fitting.equals(text) ? text : fitting + ELLIPSIS, font, SMOOTH)
        .draw(graphics, x, y);
  }

  private static float width(String fitting, String text, Font font) {
    return new TextLayout(fitting.equals(text) ? text : fitting + ELLIPSIS, font, SMOOTH)
        .getAdvance();
  }
}
