package dev.vignette.captioner.train;

import dev.vignette.captions.AtomicFile;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import tools.jackson.databind.JsonNode;

/** A run's metrics as curves over steps: loss, rate, and each validation metric in a panel. */
final class CurvesImage {
  private static final int PANEL_WIDTH = 480;
  private static final int PANEL_HEIGHT = 300;
  private static final int MARGIN = 56;
  private static final List<String> NO_CURVE =
      List.of("seconds", "distinct", "bleu-1", "bleu-2", "bleu-3");

  /** A value at a step. */
  private record Point(double step, double value) {}

  private final Map<String, List<Point>> curves = new LinkedHashMap<>();

  CurvesImage(List<JsonNode> lines) {
    for (JsonNode line : lines) {
      double step = line.path("step").asDouble();
      for (String name : List.of("loss", "rate")) {
        if (line.has(name)) {
          add(name, step, line.path(name).asDouble());
        }
      }
      line.path("validation").properties().stream()
          .filter(entry -> !NO_CURVE.contains(entry.getKey()))
          .forEach(entry -> add(entry.getKey(), step, entry.getValue().asDouble()));
    }
  }

  private void add(String name, double step, double value) {
    curves.computeIfAbsent(name, n -> new ArrayList<>()).add(new Point(step, value));
  }

  /** Writes a PNG. */
  void write(Path file) {
    int columns = 2;
    int rows = Math.max(1, Math.ceilDiv(curves.size(), columns));
    BufferedImage image =
        new BufferedImage(columns * PANEL_WIDTH, rows * PANEL_HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    int panel = 0;
    for (var curve : curves.entrySet()) {
      int x = panel % columns * PANEL_WIDTH;
      int y = panel / columns * PANEL_HEIGHT;
      draw(graphics, x, y, curve.getKey(), curve.getValue());
      panel++;
    }
    graphics.dispose();
    AtomicFile.write(file, out -> ImageIO.write(image, "png", out));
  }

  private static void draw(Graphics2D g, int x, int y, String name, List<Point> points) {
    double low = points.stream().mapToDouble(Point::value).min().orElse(0);
    double high = points.stream().mapToDouble(Point::value).max().orElse(1);
    double last = Math.max(1, points.getLast().step());
    double span = high > low ? high - low : 1;
    int left = x + MARGIN + 10;
    int top = y + MARGIN - 10;
    int width = PANEL_WIDTH - 2 * MARGIN;
    int height = PANEL_HEIGHT - 2 * MARGIN;
    g.setColor(Color.DARK_GRAY);
    g.setStroke(new BasicStroke(1));
    g.drawRect(left, top, width, height);
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 14));
    g.drawString(name, left, top - 8);
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
    drawBefore(g, "%.4g".formatted(high), left, top + 10);
    drawBefore(g, "%.4g".formatted(low), left, top + height);
    g.drawString("0", left, top + height + 16);
    g.drawString("step %.0f".formatted(last), left + width - 60, top + height + 16);
    Path2D path = new Path2D.Double();
    for (Point point : points) {
      double px = left + width * point.step() / last;
      double py = top + height - height * (point.value() - low) / span;
      if (path.getCurrentPoint() == null) {
        path.moveTo(px, py);
      } else {
        path.lineTo(px, py);
      }
    }
    g.setColor(new Color(0x1F77B4));
    g.setStroke(new BasicStroke(2));
    g.draw(path);
  }

  /** Draws a text that ends just before {@code x}. */
  private static void drawBefore(Graphics2D g, String text, int x, int y) {
    g.drawString(text, x - 4 - g.getFontMetrics().stringWidth(text), y);
  }
}
