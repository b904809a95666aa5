package dev.vignette.captioner.train;

import dev.vignette.files.AtomicFile;
import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import tools.jackson.databind.JsonNode;

/**
 * A run's metrics as curves over epochs, a panel each with axes, ticks and a grid: the loss, mean
 * of an epoch before the single batches; the learning rate; each validation metric, the best epoch
 * marked. The background is transparent and every colour stands out from white and from black.
 */
final class CurvesImage {
  private static final int PANEL_WIDTH = 480;
  private static final int PANEL_HEIGHT = 300;
  private static final int LEFT = 72;
  private static final int TOP = 42;
  private static final int RIGHT = 22;
  private static final int BOTTOM = 48;
  private static final int TICKS = 6;
  private static final int DOT = 5;

  private static final Color INK = new Color(0x7D848C);
  private static final Color GRID = new Color(0x80, 0x80, 0x80, 0x48);
  private static final Color LINE = new Color(0x3987DB);
  private static final Color FAINT = new Color(0x39, 0x87, 0xDB, 0x70);
  private static final Color BEST = new Color(0xE07B1A);
  private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 15);
  private static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

  private static final String LOSS = "loss";
  private static final String RATE = "rate";
  private static final Set<String> NO_CURVE = Set.of("seconds", "distinct");

  /** A value at a time in epochs. */
  private record Point(double epoch, double value) {}

  private final Map<String, List<Point>> curves = new LinkedHashMap<>();
  private final List<Point> meanLoss = new ArrayList<>();
  private final String metric;
  private final double epochs;

  /**
   * @param lines of {@code metrics.jsonl}
   * @param metric that chooses the best epoch
   */
  CurvesImage(List<JsonNode> lines, String metric) {
    this.metric = metric;
    double stepsPerEpoch = stepsPerEpoch(lines);
    double last = 0;
    for (JsonNode line : lines) {
      double at = line.path("step").asDouble() / stepsPerEpoch;
      last = Math.max(last, at);
      Stream.of(LOSS, RATE)
          .filter(line::has)
          .forEach(name -> add(name, at, line.path(name).asDouble(Double.NaN)));
      double mean = line.path("train_loss").asDouble(Double.NaN);
      if (Double.isFinite(mean)) {
        // The mean of an epoch belongs to its middle.
        meanLoss.add(new Point(at - 0.5, mean));
      }
      line.path("validation").properties().stream()
          .filter(entry -> isDrawn(entry.getKey()))
          .forEach(entry -> add(entry.getKey(), at, entry.getValue().asDouble(Double.NaN)));
    }
    epochs = Math.max(1, last);
  }

  private static double stepsPerEpoch(List<JsonNode> lines) {
    return lines.stream()
        .filter(line -> line.has("validation"))
        .mapToDouble(line -> line.path("step").asDouble() / (line.path("epoch").asInt() + 1))
        .filter(steps -> steps > 0)
        .findFirst()
        .orElse(1);
  }

  private boolean isDrawn(String name) {
    return name.equals(metric) || (!NO_CURVE.contains(name) && !MetricNames.MINOR.contains(name));
  }

  private void add(String name, double epoch, double value) {
    if (Double.isFinite(value)) {
      curves.computeIfAbsent(name, n -> new ArrayList<>()).add(new Point(epoch, value));
    }
  }

  /** Writes a PNG. */
  void write(Path file) {
    BufferedImage image = draw();
    AtomicFile.write(
        file,
        out -> {
          // Not ImageIO's own stream, whose temporary file cannot be made while the program ends.
          try (MemoryCacheImageOutputStream picture = new MemoryCacheImageOutputStream(out)) {
            ImageIO.write(image, "png", picture);
          }
        });
  }

  /** All panels, two beside each other. */
  BufferedImage draw() {
    int columns = 2;
    int rows = Math.max(1, Math.ceilDiv(curves.size(), columns));
    BufferedImage image =
        new BufferedImage(columns * PANEL_WIDTH, rows * PANEL_HEIGHT, BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setComposite(AlphaComposite.SrcOver);
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    int panel = 0;
    for (var curve : curves.entrySet()) {
      int x = panel % columns * PANEL_WIDTH;
      int y = panel / columns * PANEL_HEIGHT;
      drawPanel((Graphics2D) graphics.create(x, y, PANEL_WIDTH, PANEL_HEIGHT), curve.getKey());
      panel++;
    }
    graphics.dispose();
    return image;
  }

  /** Where values of a panel lie in it. */
  private record Scale(DoubleUnaryOperator x, DoubleUnaryOperator y) {}

  private void drawPanel(Graphics2D g, String name) {
    List<Point> points = curves.getOrDefault(name, List.of());
    List<Double> ticks =
        ticks(
            points.stream().mapToDouble(Point::value).min().orElse(0),
            points.stream().mapToDouble(Point::value).max().orElse(1));
    double low = ticks.getFirst();
    double span = ticks.getLast() - low;
    int width = PANEL_WIDTH - LEFT - RIGHT;
    int height = PANEL_HEIGHT - TOP - BOTTOM;
    Scale scale =
        new Scale(
            epoch -> LEFT + width * epoch / epochs,
            value -> TOP + height - height * (value - low) / span);
    drawAxes(g, scale, ticks);
    g.setFont(TITLE);
    g.setColor(INK);
    g.drawString(title(name), LEFT, TOP - 16);
    if (name.equals(LOSS)) {
      drawLine(g, points, scale, FAINT, 1);
      drawLine(g, meanLoss, scale, LINE, 2.5f);
      drawDots(g, meanLoss, scale, LINE);
      legend(g, Map.of("mean of the epoch", LINE, "a batch", FAINT));
    } else if (name.equals(RATE)) {
      drawLine(g, points, scale, LINE, 2.5f);
    } else {
      drawLine(g, points, scale, LINE, 2.5f);
      drawDots(g, points, scale, LINE);
      drawBest(g, name, points, scale);
    }
    g.dispose();
  }

  private static String title(String name) {
    return name.equals(RATE) ? "learning rate" : MetricNames.shown(name);
  }

  private void drawAxes(Graphics2D g, Scale scale, List<Double> ticks) {
    g.setFont(SMALL);
    g.setStroke(new BasicStroke(1));
    int bottom = PANEL_HEIGHT - BOTTOM;
    double tickStep = ticks.get(1) - ticks.get(0);
    for (double tick : ticks) {
      int y = (int) Math.round(scale.y().applyAsDouble(tick));
      g.setColor(GRID);
      g.drawLine(LEFT, y, PANEL_WIDTH - RIGHT, y);
      g.setColor(INK);
      String label = label(tick, tickStep);
      g.drawString(label, LEFT - 8 - g.getFontMetrics().stringWidth(label), y + 4);
    }
    double step = Math.max(1, niceStep(epochs));
    for (double epoch = 0; epoch <= epochs + 1e-9; epoch += step) {
      int x = (int) Math.round(scale.x().applyAsDouble(epoch));
      g.setColor(GRID);
      g.drawLine(x, TOP, x, bottom);
      g.setColor(INK);
      String label = label(epoch, step);
      g.drawString(label, x - g.getFontMetrics().stringWidth(label) / 2, bottom + 17);
    }
    g.setColor(INK);
    g.drawLine(LEFT, TOP, LEFT, bottom);
    g.drawLine(LEFT, bottom, PANEL_WIDTH - RIGHT, bottom);
    String axis = "epochs";
    int middle = LEFT + (PANEL_WIDTH - LEFT - RIGHT) / 2;
    g.drawString(axis, middle - g.getFontMetrics().stringWidth(axis) / 2, bottom + 36);
  }

  /** Round values from below the lowest to above the highest. */
  static List<Double> ticks(double low, double high) {
    double span = high > low ? high - low : Math.max(Math.abs(high), 1e-6);
    double step = niceStep(span);
    List<Double> ticks = new ArrayList<>();
    long first = (long) Math.floor(low / step + 1e-9);
    long last = Math.max(first + 1, (long) Math.ceil(high / step - 1e-9));
    for (long i = first; i <= last; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** 1, 2 or 5 times a power of ten, at most {@link #TICKS} of it in a span. */
  private static double niceStep(double span) {
    double raw = span / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(raw)));
    for (double factor : new double[] {1, 2, 5}) {
      if (factor * power >= raw * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /** With as many digits as tell it from its neighbours. */
  private static String label(double value, double step) {
    if (step < 1e-3) {
      return value == 0 ? "0" : String.format(Locale.ROOT, "%.1e", value);
    }
    int digits = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  private static void drawLine(
      Graphics2D g, List<Point> points, Scale scale, Color color, float width) {
    Path2D path = new Path2D.Double();
    for (Point point : points) {
      double x = scale.x().applyAsDouble(point.epoch());
      double y = scale.y().applyAsDouble(point.value());
      if (path.getCurrentPoint() == null) {
        path.moveTo(x, y);
      } else {
        path.lineTo(x, y);
      }
    }
    g.setColor(color);
    g.setStroke(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    g.draw(path);
  }

  private static void drawDots(Graphics2D g, List<Point> points, Scale scale, Color color) {
    g.setColor(color);
    for (Point point : points) {
      g.fill(dot(point, scale, DOT));
    }
  }

  private static Ellipse2D dot(Point point, Scale scale, double size) {
    return new Ellipse2D.Double(
        scale.x().applyAsDouble(point.epoch()) - size / 2,
        scale.y().applyAsDouble(point.value()) - size / 2,
        size,
        size);
  }

  /** Marks the epoch that the run's metric chose, in every panel. */
  private void drawBest(Graphics2D g, String name, List<Point> points, Scale scale) {
    Point best = null;
    for (Point point : curves.getOrDefault(metric, List.of())) {
      best = best == null || point.value() > best.value() ? point : best;
    }
    for (Point point : points) {
      if (best != null && point.epoch() == best.epoch()) {
        g.setColor(BEST);
        g.fill(dot(point, scale, 2 * DOT));
        String text = name.equals(metric) ? "best epoch (chosen)" : "best epoch";
        legend(g, Map.of(String.format(Locale.ROOT, "%s: %.3f", text, point.value()), BEST));
      }
    }
  }

  /** Above the panel's right end, in the order of the texts, the first outermost. */
  private static void legend(Graphics2D g, Map<String, Color> entries) {
    g.setFont(SMALL);
    int x = PANEL_WIDTH - RIGHT;
    for (String text : entries.keySet().stream().sorted().toList()) {
      x -= g.getFontMetrics().stringWidth(text);
      g.setColor(INK);
      g.drawString(text, x, TOP - 16);
      x -= 2 * DOT + 6;
      g.setColor(entries.getOrDefault(text, INK));
      g.fill(new Ellipse2D.Double(x, TOP - 25, 2 * DOT, 2 * DOT));
      x -= 14;
    }
  }
}
