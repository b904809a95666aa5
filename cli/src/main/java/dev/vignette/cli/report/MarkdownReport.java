package dev.vignette.cli.report;

import dev.vignette.attention.AttentionPage;
import dev.vignette.cli.report.Report.Exhibit;
import dev.vignette.files.AtomicFile;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** A report as {@code report.md} beside its pictures. */
final class MarkdownReport {
  private MarkdownReport() {}

  static void write(Path file, Report report) {
    StringBuilder text = new StringBuilder("# " + escaped(report.title()) + "\n");
    for (Report.Section section : report.sections()) {
      text.append("\n## ").append(section.heading()).append("\n\n").append(section.text());
      text.append('\n');
      section.tables().forEach(table -> text.append('\n').append(table.markdown()));
      section.pictures().forEach(picture -> text.append(image(picture.caption(), picture.file())));
      section.exhibits().forEach(exhibit -> text.append(of(exhibit)));
    }
    AtomicFile.writeString(file, text.toString());
  }

  private static String of(Exhibit exhibit) {
    StringBuilder text = new StringBuilder("\n### " + escaped(exhibit.title()) + "\n\n");
    text.append(escaped(exhibit.note())).append('\n');
    for (int i = 0; i < exhibit.figures().size(); i++) {
      AttentionPage.Entry entry = exhibit.entries().get(i);
      text.append("\n> ").append(escaped(entry.caption().caption())).append('\n');
      text.append(image(entry.source().model(), exhibit.figures().get(i)));
    }
    return text.toString();
  }

  private static String image(String caption, Path file) {
    String address =
        StreamSupport.stream(file.spliterator(), false)
            .map(Path::toString)
            .collect(Collectors.joining("/"));
    return "\n![%s](%s)\n".formatted(escaped(caption), address);
  }

  private static String escaped(String text) {
    return text.replaceAll("([\\\\`*_\\[\\]<>])", "\\\\$1").replaceAll("\\R", " ");
  }
}
