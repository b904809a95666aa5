package dev.vignette.attention;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.OwnFile;
import dev.vignette.images.RgbImage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * An image with what the words of its captions looked at, as one HTML page that needs no network:
 * an {@link AttentionWidget} a caption, side by side where there is room. The page is {@code
 * attention-page.html} with the data in it.
 */
public final class AttentionPage {
  private static final String TEMPLATE = "attention-page.html";

  /** In every page that was ever written. */
  private static final String MARK = "<title>What the words looked at</title>";

  private static final String STYLE = "@STYLE@";
  private static final String DATA = "@DATA@";
  private static final String SCRIPT = "@SCRIPT@";

  private AttentionPage() {}

  /**
   * A caption on the page.
   *
   * @param view shown first
   * @param generic the attention under a generic instruction, see {@link AttentionWidget#data}
   */
  public record Entry(
      AttentionSource source,
      AttendedCaption caption,
      MapView view,
      Optional<AttentionTrace> generic) {}

  /** Whether nothing of anybody's is lost when {@code file} is replaced by a page. */
  static boolean isFree(Path file) throws IOException {
    return OwnFile.isFree(file, MARK);
  }

  /**
   * Writes the page, whole or not at all.
   *
   * @param entries captions of this image, at least one
   * @throws IllegalArgumentException as {@link AttentionWidget#data} does
   * @throws UncheckedIOException if it cannot be written; see {@link AtomicFile#write}
   */
  public static void write(Path file, RgbImage image, List<Entry> entries) {
    if (entries.isEmpty()) {
      throw new IllegalArgumentException("A page of attention shows at least one caption");
    }
    List<String> captions =
        entries.stream()
            .map(entry ->
                AttentionWidget.data(
                    entry.source(), entry.caption(), entry.view(), entry.generic()))
            .toList();
    String template = AttentionWidget.resource(TEMPLATE);
    int style = template.indexOf(STYLE);
    int data = template.indexOf(DATA);
    int script = template.indexOf(SCRIPT);
    AtomicFile.write(
        file,
        out -> {
          write(out, template.substring(0, style));
          write(out, AttentionWidget.style());
          write(out, template.substring(style + STYLE.length(), data));
          writeData(out, image, entries.getFirst().source().image(), captions);
          write(out, template.substring(data + DATA.length(), script));
          write(out, AttentionWidget.script());
          write(out, template.substring(script + SCRIPT.length()));
        });
  }

  private static void writeData(
      OutputStream out, RgbImage image, String name, List<String> captions) throws IOException {
    String quoted = new String(JsonStringEncoder.getInstance().quoteAsCharArray(name));
    write(out, "{\"image\":\"" + quoted.replace("<", "\\u003c") + "\",\"picture\":");
    write(out, AttentionWidget.picture(image));
    String before = ",\"captions\":[";
    for (String caption : captions) {
      write(out, before);
      write(out, caption);
      before = ",";
    }
    write(out, "]}");
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
