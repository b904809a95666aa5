package dev.vignette.cli.report;

import dev.vignette.attention.AttentionPage;
import dev.vignette.eval.report.TextGrid;
import dev.vignette.images.RgbImage;
import java.nio.file.Path;
import java.util.List;

/**
 * What a report shows.
 *
 * @param title its heading
 * @param sections in their order
 */
record Report(String title, List<Section> sections) {
  Report {
    sections = List.copyOf(sections);
  }

  /**
   * A part with a heading.
   *
   * @param heading of the section
   * @param text under the heading
   * @param tables in their order
   * @param pictures PNG files, relative to the report's folder
   * @param exhibits images with attention
   */
  record Section(
      String heading,
      String text,
      List<TextGrid> tables,
      List<Picture> pictures,
      List<Exhibit> exhibits) {
    Section {
      tables = List.copyOf(tables);
      pictures = List.copyOf(pictures);
      exhibits = List.copyOf(exhibits);
    }
  }

  /**
   * A drawing.
   *
   * @param caption says what it is
   * @param file PNG, relative to the report's folder
   */
  record Picture(String caption, Path file) {}

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
}
