package dev.vignette.attention;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.attention.MapView.ViewedMaps;
import dev.vignette.images.PixelGeometry;
import dev.vignette.images.RgbImage;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.TextLayout;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A picture of what each word of a caption looked at: in five columns the image, then a panel a
 * word that is no punctuation, under the caption.
 *
 * @param caption what is drawn
 * @param image the image
 * @param source where both come from
 * @param maps of the caption's words, in the view drawn
 */
record AttentionFigure(
    AttendedCaption caption, RgbImage image, AttentionSource source, ViewedMaps maps) {
  static final int COLUMNS = 5;

  /** Most pixels across a panel, and down one. */
  static final int WIDEST = 256;

  static final int TALLEST = 384;

  private static final int GAP = 16;
  private static final int LABEL = 58;
  private static final int LEGEND = 36;
  private static final int BAR_WIDTH = 256;
  private static final int BAR_HEIGHT = 10;
  private static final Color PAPER = Color.WHITE;
  private static final Color INK = new Color(0x1b1f27);
  private static final Color SOFT = new Color(0x5d6675);
  private static final Font TITLE = FigureText.font(Font.BOLD, 22);
  private static final Font WORD = FigureText.font(Font.BOLD, 17);
  private static final Font NOTE = FigureText.font(Font.PLAIN, 14);

  /** A picture with its label. */
  private record Panel(RgbImage picture, String label, String note) {}

  /** The whole figure. */
  BufferedImage draw() {
    RgbImage small = PanelSize.panel(image, WIDEST, TALLEST);
    List<Panel> panels = panels(small);
    int width = COLUMNS * WIDEST + (COLUMNS + 1) * GAP;
    List<TextLayout> title = FigureText.lines(caption.caption(), TITLE, width - 2f * GAP);
    List<TextLayout> about = FigureText.lines(about(), NOTE, width - 2f * GAP);
    int top = GAP + height(title) + height(about) + GAP;
    int rows = Math.ceilDiv(panels.size(), COLUMNS);
    int rowHeight = small.height() + LABEL;
    BufferedImage figure =
        new BufferedImage(width, top + rows * rowHeight + LEGEND, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = figure.createGraphics();
    smooth(graphics);
    graphics.setColor(PAPER);
    graphics.fillRect(0, 0, width, figure.getHeight());
    draw(graphics, about, SOFT, draw(graphics, title, INK, GAP));
    for (int i = 0; i < panels.size(); i++) {
      int x = GAP + i % COLUMNS * (WIDEST + GAP);
      draw(graphics, panels.get(i), x, top + i / COLUMNS * rowHeight);
    }
    legend(graphics, top + rows * rowHeight);
    graphics.dispose();
    return figure;
  }

  private List<Panel> panels(RgbImage small) {
    List<Panel> panels = new ArrayList<>();
    panels.add(new Panel(small, source.image(), image.width() + " × " + image.height()));
    WordMaps attention = WordMaps.of(caption.trace());
    for (int word = 0; word < attention.words().size(); word++) {
      CaptionWord shown = attention.words().get(word);
      if (!shown.punctuation()) {
        RgbImage picture =
            HeatmapOverlay.draw(small, maps.lit(word, caption.geometry()), caption.geometry());
        panels.add(new Panel(picture, shown.text(), share(attention.maps().get(word))));
      }
    }
    return panels;
  }

  /** Whether the model saw the image but for half a pixel at an edge. */
  private boolean seesAll() {
    PixelGeometry.Box seen = caption.geometry().seen();
    return seen.left() <= 0.5
        && seen.top() <= 0.5
        && seen.right() >= image.width() - 0.5
        && seen.bottom() >= image.height() - 0.5;
  }

  private static String share(PatchMap attention) {
    return String.format(Locale.ROOT, "%.1f%% on the image", 100 * attention.sum());
  }

  private String about() {
    AttentionTrace trace = caption.trace();
    String heads =
        trace.heads().isEmpty() || trace.heads().size() > 1
            ? "mean of the heads"
            : "head " + trace.heads().getFirst();
    return "%s · %s %s, %s · %s"
        .formatted(
            source.model(),
            trace.layers().size() == 1 ? "layer" : "layers",
            ranges(trace.layers()),
            heads,
            maps.view().meaning());
  }

  /** Numbers that ascend, such as {@code 0–11, 14}. */
  private static String ranges(List<Integer> numbers) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < numbers.size(); ) {
      int end = i;
      while (end + 1 < numbers.size() && numbers.get(end + 1) == numbers.get(end) + 1) {
        end++;
      }
      text.append(text.isEmpty() ? "" : ", ").append(numbers.get(i));
      if (end > i) {
        text.append('–').append(numbers.get(end));
      }
      i = end + 1;
    }
    return text.toString();
  }

  private static void smooth(Graphics2D graphics) {
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
  }

  private static int height(List<TextLayout> lines) {
    double height = 0;
    for (TextLayout line : lines) {
      height += line.getAscent() + line.getDescent() + line.getLeading();
    }
    return (int) Math.ceil(height);
  }

  /** Draws lines from {@code top} on, and says where they end. */
  private static float draw(Graphics2D graphics, List<TextLayout> lines, Color color, float top) {
    graphics.setColor(color);
    float y = top;
    for (TextLayout line : lines) {
      line.draw(graphics, GAP, y + line.getAscent());
      y += line.getAscent() + line.getDescent() + line.getLeading();
    }
    return y;
  }

  private static void draw(Graphics2D graphics, Panel panel, int x, int y) {
    RgbImage picture = panel.picture();
    graphics.drawImage(EncodedPicture.buffered(picture), x, y, null);
    int below = y + picture.height();
    FigureText.drawFitting(graphics, panel.label(), WORD, INK, x, below + 18f, WIDEST);
    FigureText.drawFitting(graphics, panel.note(), NOTE, SOFT, x, below + 36f, WIDEST);
  }

  private void legend(Graphics2D graphics, int top) {
    for (int i = 0; i < BAR_WIDTH; i++) {
      graphics.setColor(new Color(ColorScale.rgb(i / (BAR_WIDTH - 1.0))));
      graphics.fillRect(GAP + i, top, 1, BAR_HEIGHT);
    }
    String unseen = seesAll() ? "" : ". Dark grey: the model did not see it.";
    FigureText.drawFitting(
        graphics,
        maps.view().unlit() + " → the word's most" + unseen,
        NOTE,
        SOFT,
        GAP + BAR_WIDTH + 12f,
        top + 10f,
        4f * WIDEST);
  }
}
