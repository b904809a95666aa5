package dev.vignette.cli.report;

import dev.vignette.attention.AttentionPage;
import dev.vignette.images.RgbImage;
import java.nio.file.Path;
import java.util.List;

/**
 * An image with what the words of its captions looked at.
 *
 * @param title above it
 * @param note under the title, such as a score; may be empty
 * @param image the picture
 * @param entries its captions
 * @param figures a PNG a caption, relative to the report's folder
 */
record Exhibit(
    String title,
    String note,
    RgbImage image,
    List<AttentionPage.Entry> entries,
    List<Path> figures) {
  Exhibit {
    entries = List.copyOf(entries);
    figures = List.copyOf(figures);
  }
}
