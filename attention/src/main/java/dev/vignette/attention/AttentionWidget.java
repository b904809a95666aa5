package dev.vignette.attention;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.attention.MapView.ViewedMaps;
import dev.vignette.images.RgbImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The part of a page that shows a caption's words as buttons and lights over the image what each
 * looked at. A page may hold any number of them, of one image or of many: it puts {@link #style} in
 * a style element, {@link #script} in a script element, and calls from its own script
 *
 * <pre>{@code attentionWidget(element, picture, data)}</pre>
 *
 * with an empty element to fill, {@code picture} as {@link #picture} gives it and {@code data} as
 * {@link #data} does. The style brings the custom properties of the house, light and dark ({@code
 * --page --card --sunk --line --text --soft --main --mild}), for the page to use too. The script
 * computes what {@link ViewedMaps} and {@link HeatmapOverlay} do, with their constants.
 */
public final class AttentionWidget {
  private static final String CONSTANTS = "@CONSTANTS@";
  private static final int LONGEST_PICTURE = 1024;
  private static final JsonFactory FACTORY = new JsonFactory();

  private AttentionWidget() {}

  /** CSS. */
  public static String style() {
    return resource("attention-widget.css");
  }

  /**
   * JavaScript that defines {@code attentionWidget} and, without a page, {@code attentionMaths}.
   */
  public static String script() {
    return resource("attention-widget.js").replace(CONSTANTS, constants());
  }

  /** The image for {@code attentionWidget} as JSON; its longer side has 1,024 pixels at most. */
  public static String picture(RgbImage image) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = generator(text)) {
      json.writeStartObject();
      json.writeNumberProperty("width", image.width());
      json.writeNumberProperty("height", image.height());
      json.writeStringProperty(
          "address", EncodedPicture.address(PanelSize.within(image, 1, LONGEST_PICTURE)));
      json.writeEndObject();
    }
    return text.toString();
  }

  /**
   * A caption and its attention for {@code attentionWidget} as JSON, in which no text looks like
   * the end of a script element.
   *
   * @param view shown first
   * @param generic the attention under a generic instruction, for {@link MapView#CONTRAST}; its
   *     mean over the words is what is compared with
   * @throws IllegalArgumentException if {@code generic} has other layers, heads or patches, or is
   *     needed but not there
   */
  public static String data(
      AttentionSource source,
      AttendedCaption caption,
      MapView view,
      Optional<AttentionTrace> generic) {
    AttentionTrace trace = caption.trace();
    generic.ifPresent(trace::requireAlike);
    if (view == MapView.CONTRAST && generic.isEmpty()) {
      throw new IllegalArgumentException(
          "The view contrast needs the attention under a generic instruction, which is not there");
    }
    StringWriter text = new StringWriter();
    try (JsonGenerator json = generator(text)) {
      json.writeStartObject();
      json.writeStringProperty("model", source.model());
      json.writeObjectPropertyStart("settings");
      source.settings().forEach(json::writeStringProperty);
      json.writeEndObject();
      json.writeStringProperty("caption", caption.caption());
      json.writeStringProperty("view", view.cliName());
      words(json, trace);
      numbers(json, "layers", trace.layers());
      numbers(json, "heads", trace.heads());
      json.writeNumberProperty("side", trace.grid().side());
      AttentionFile.geometry(json, caption.geometry());
      rows(json, "rows", WordRows.ofWords(trace));
      generic.ifPresent(other -> rows(json, "generic", WordRows.ofMean(other)));
      json.writeEndObject();
    }
    return text.toString().replace("<", "\\u003c");
  }

  private static void words(JsonGenerator json, AttentionTrace trace) {
    json.writeArrayPropertyStart("words");
    for (CaptionWord word : CaptionWord.of(trace.pieces())) {
      json.writeStartObject();
      json.writeStringProperty("text", word.text());
      json.writeBooleanProperty("punctuation", word.punctuation());
      json.writeBooleanProperty("spaced", word.spaced(trace.pieces()));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void numbers(JsonGenerator json, String name, List<Integer> numbers) {
    json.writeArrayPropertyStart(name);
    numbers.forEach(json::writeNumber);
    json.writeEndArray();
  }

  private static void rows(JsonGenerator json, String name, WordRows rows) {
    json.writeObjectPropertyStart(name);
    json.writeStringProperty("largest", rows.largest());
    json.writeStringProperty("packed", rows.packed());
    json.writeEndObject();
  }

  private static String constants() {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = generator(text)) {
      json.writeStartObject();
      json.writeNumberProperty("full", WordRows.FULL);
      json.writeNumberProperty("deviations", AttentionSinks.DEVIATIONS);
      json.writeNumberProperty("times", AttentionSinks.TIMES);
      json.writeNumberProperty("fewestWords", AttentionSinks.FEWEST_WORDS);
      json.writeNumberProperty("floor", AttentionSinks.FLOOR);
      json.writeNumberProperty("medianDeviation", AttentionSinks.MEDIAN_DEVIATION);
      json.writeNumberProperty("smoothing", AttentionRatio.SMOOTHING);
      json.writeNumberProperty("fullTimes", MapView.FULL_TIMES);
      json.writeNumberProperty("opacity", HeatmapOverlay.OPACITY);
      json.writeNumberProperty("mutedColor", HeatmapOverlay.MUTED_COLOR);
      json.writeNumberProperty("mutedLight", HeatmapOverlay.MUTED_LIGHT);
      json.writeNumberProperty("unseenLight", HeatmapOverlay.UNSEEN_LIGHT);
      json.writeArrayPropertyStart("grey");
      json.writeNumber(HeatmapOverlay.RED);
      json.writeNumber(HeatmapOverlay.GREEN);
      json.writeNumber(HeatmapOverlay.BLUE);
      json.writeEndArray();
      views(json);
      colors(json);
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void views(JsonGenerator json) {
    json.writeObjectPropertyStart("views");
    for (MapView view : MapView.values()) {
      json.writeObjectPropertyStart(view.cliName());
      json.writeStringProperty("meaning", view.meaning());
      json.writeStringProperty("unlit", view.unlit());
      json.writeNumberProperty("neutral", view.neutral());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static void colors(JsonGenerator json) {
    json.writeArrayPropertyStart("colors");
    for (int i = 0; i < ColorScale.SIZE; i++) {
      json.writeNumber(ColorScale.rgb(i / (ColorScale.SIZE - 1.0)));
    }
    json.writeEndArray();
  }

  private static JsonGenerator generator(StringWriter text) {
    return FACTORY.createGenerator(ObjectWriteContext.empty(), text);
  }

  /** A text beside this class. */
  static String resource(String name) {
    try (InputStream in = AttentionWidget.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(
            "%s is missing beside %s: the jar is incomplete"
                .formatted(name, AttentionWidget.class.getName()));
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read", e);
    }
  }
}
