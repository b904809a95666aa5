package dev.vignette.cli.report;

import dev.vignette.attention.AttentionPage;
import dev.vignette.attention.AttentionWidget;
import dev.vignette.cli.report.Report.Exhibit;
import dev.vignette.eval.report.TextGrid;
import dev.vignette.files.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A report as one HTML page that needs no network: {@code report.html} with sections, tables and
 * pictures in it, and an {@link AttentionWidget} for each caption.
 */
final class HtmlReport {
  private static final String TEMPLATE = "report.html";
  private static final Pattern PLACE = Pattern.compile("@[A-Z]+@");

  private final Path folder;
  private final Report report;
  private final List<String> widgets = new ArrayList<>();

  private HtmlReport(Path folder, Report report) {
    this.folder = folder;
    this.report = report;
  }

  /**
   * Writes the page, whole or not at all.
   *
   * @param folder of the report, which its pictures are relative to
   */
  static void write(Path file, Path folder, Report report) throws IOException {
    HtmlReport page = new HtmlReport(folder, report);
    String body = page.body();
    String data = "[" + String.join(",", page.widgets) + "]";
    Map<String, String> parts =
        Map.of(
            "@TITLE@", escaped(report.title()),
            "@STYLE@", AttentionWidget.style(),
            "@CONTENTS@", page.contents(),
            "@SCRIPT@", AttentionWidget.script(),
            "@BODY@", body,
            // In a script element no text may look like its end.
            "@DATA@", data.replace("<", "\\u003c"));
    AtomicFile.writeString(file, filled(page.template(), parts));
  }

  /** A template with its places filled in one pass: what fills one may look like another. */
  static String filled(String template, Map<String, String> parts) {
    return PLACE
        .matcher(template)
        .replaceAll(place -> Matcher.quoteReplacement(parts.getOrDefault(place.group(), "")));
  }

  private String template() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(HtmlReport.class.getResourceAsStream(TEMPLATE), TEMPLATE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String contents() {
    StringBuilder links = new StringBuilder();
    for (int i = 0; i < report.sections().size(); i++) {
      links.append(
          "<a href=\"#section-%d\">%s</a>"
              .formatted(i, escaped(report.sections().get(i).heading())));
    }
    return links.toString();
  }

  private String body() {
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < report.sections().size(); i++) {
      Report.Section section = report.sections().get(i);
      body.append("<section id=\"section-%d\">%n".formatted(i));
      body.append("<h2>%s</h2>%n".formatted(escaped(section.heading())));
      body.append("<p class=\"soft\">%s</p>%n".formatted(escaped(section.text())));
      section.tables().forEach(table -> body.append(table(table)));
      section.pictures().forEach(picture -> body.append(figure(picture)));
      section.exhibits().forEach(exhibit -> body.append(exhibit(exhibit)));
      body.append("</section>\n");
    }
    return body.toString();
  }

  private static String table(TextGrid table) {
    String head =
        table.header().stream()
            .map(cell -> "<th scope=\"col\">" + escaped(cell) + "</th>")
            .collect(Collectors.joining());
    String rows =
        table.rows().stream()
            .map(row ->
                row.stream()
                    .map(HtmlReport::cell)
                    .collect(Collectors.joining("", "<tr>", "</tr>\n")))
            .collect(Collectors.joining());
    return "<div class=\"wide\" tabindex=\"0\"><table><thead><tr>%s</tr></thead><tbody>%n%s</tbody></table></div>%n"
        .formatted(head, rows);
  }

  /** A figure's interval goes below it. */
  private static String cell(String text) {
    int interval = text.indexOf(" [");
    return interval < 0
        ? "<td>%s</td>".formatted(escaped(text))
        : "<td class=\"figure\">%s<br><span class=\"soft\">%s</span></td>"
            .formatted(escaped(text.substring(0, interval)), escaped(text.substring(interval + 1)));
  }

  private String figure(Report.Picture picture) {
    return "<figure><img alt=\"%1$s\" src=\"data:image/png;base64,%2$s\"><figcaption>%1$s</figcaption></figure>%n"
        .formatted(escaped(picture.caption()), base64(folder.resolve(picture.file())));
  }

  private static String base64(Path file) {
    try {
      return Base64.getEncoder().encodeToString(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s cannot be read (%s); make the report anew".formatted(file, e), e);
    }
  }

  /** A place for each caption's widget, which the page's script fills. */
  private String exhibit(Exhibit exhibit) {
    StringBuilder html = new StringBuilder("<article class=\"exhibit\">\n");
    html.append("<h3>%s</h3>%n".formatted(escaped(exhibit.title())));
    html.append(
        "<p class=\"soft\">%s</p>%n<div class=\"captions\">".formatted(escaped(exhibit.note())));
    for (AttentionPage.Entry entry : exhibit.entries()) {
      html.append("<section class=\"attention-place\"></section>");
      widgets.add(
          "{\"picture\":%s,\"caption\":%s}"
              .formatted(
                  AttentionWidget.picture(exhibit.image()),
                  AttentionWidget.data(
                      entry.source(), entry.caption(), entry.view(), entry.generic())));
    }
    return html.append("</div>\n</article>\n").toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
