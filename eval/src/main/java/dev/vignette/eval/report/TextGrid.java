package dev.vignette.eval.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A table of texts.
 *
 * @param header the titles of the columns
 * @param rows as many cells each as there are titles
 */
public record TextGrid(List<String> header, List<List<String>> rows) {

  /** Copies the cells and counts them. */
  public TextGrid {
    header = List.copyOf(header);
    rows = rows.stream().map(List::copyOf).toList();
    for (List<String> row : rows) {
      if (row.size() != header.size()) {
        throw new IllegalArgumentException(
            "A row has a cell a column, %d, not %d: %s".formatted(header.size(), row.size(), row));
      }
    }
  }

  /** Aligned lines; the first column to the left, the others to the right. */
  public String plain() {
    StringBuilder text = new StringBuilder();
    int[] widths = widths();
    lines().forEach(row -> text.append(line(row, widths)).append(System.lineSeparator()));
    return text.toString();
  }

  private List<List<String>> lines() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(header);
    lines.addAll(rows);
    return lines;
  }

  private int[] widths() {
    int[] widths = new int[header.size()];
    for (List<String> row : lines()) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    return widths;
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < widths.length; column++) {
      String cell = row.get(column);
      String space = " ".repeat(widths[column] - cell.length());
      line.append(column == 0 ? cell + space : "  " + space + cell);
    }
    return line.toString().stripTrailing();
  }

  /** A table in Markdown. */
  public String markdown() {
    String rule = header.stream().map(_ -> "---").collect(Collectors.joining("|", "|", "|\n"));
    return markdown(header)
        + rule
        + rows.stream().map(TextGrid::markdown).collect(Collectors.joining());
  }

  private static String markdown(List<String> row) {
    return row.stream()
        .map(cell -> cell.replace("|", "\\|").replaceAll("\\R", " "))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }
}
