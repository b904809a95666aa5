package dev.vignette.captions;

import dev.vignette.captions.reading.JsonCursor;
import dev.vignette.files.faults.MalformedDataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * References in a table, a caption a line: Flickr30k's {@code results.csv} ({@code image_name|
 * comment_number| comment}), Flickr's token file ({@code 1.jpg#0}, a tab, the caption), or any
 * table by commas, tabs, semicolons or bars whose head has a column for the image and one for the
 * caption, which may be a JSON list of captions; a column {@code split} says what is chosen from.
 */
final class CaptionTable {
  private static final Pattern TOKEN_LINE = Pattern.compile("([^\\t]+?)#\\d+\\t(.*)");
  private static final Set<String> IMAGE =
      Set.of("image", "image_name", "file_name", "filename", "file", "image_path", "image_file");
  private static final Set<String> CAPTION =
      Set.of("caption", "comment", "text", "sentence", "raw", "captions");
  private static final String SPLIT = "split";
  private static final String SEPARATORS = "|\t;,";

  private static final int SHOWN = 60;

  /** A line of Flickr30k's table lacks its second bar. */
  private static final Pattern WITHOUT_BAR = Pattern.compile("\\s*\\d+\\s+(.*)");

  private final Path file;
  private final String text;
  private final SplitChoice splits;
  private final CocoCaptions.Builder builder = new CocoCaptions.Builder();
  private int at;
  private int line = 1;

  private CaptionTable(Path file, String text, SplitChoice splits) {
    this.file = file;
    this.text = text;
    this.splits = splits;
  }

  /**
   * Where in a line what stands.
   *
   * @param count how many fields a line has
   * @param split from 0, or -1 where no column says it
   */
  private record Columns(int count, int image, int caption, int split) {}

  /**
   * The references of a table, each image's id being its file name.
   *
   * @return empty if the text is no such table
   * @throws MalformedDataException if a line of it is none
   */
  static Optional<CocoCaptions> read(Path file, String text, SplitChoice splits) {
    String first = text.lines().findFirst().orElse("");
    CaptionTable table = new CaptionTable(file, text, splits);
    if (TOKEN_LINE.matcher(first).matches()) {
      return Optional.of(table.tokenLines());
    }
    for (char separator : SEPARATORS.toCharArray()) {
      if (first.indexOf(separator) >= 0) {
        List<String> head = table.row(separator);
        Columns columns =
            new Columns(
                head.size(),
                column(head, IMAGE),
                column(head, CAPTION),
                column(head, Set.of(SPLIT)));
        return columns.image < 0 || columns.caption < 0
            ? Optional.empty()
            : Optional.of(table.rows(separator, columns));
      }
    }
    return Optional.empty();
  }

  private static int column(List<String> head, Set<String> names) {
    for (int i = 0; i < head.size(); i++) {
      if (names.contains(head.get(i).strip().toLowerCase(Locale.ROOT))) {
        return i;
      }
    }
    return -1;
  }

  private CocoCaptions tokenLines() {
    for (String each : text.lines().toList()) {
      Matcher parts = TOKEN_LINE.matcher(each);
      if (parts.matches()) {
        add(parts.group(1), parts.group(2));
      } else if (!each.isBlank()) {
        throw malformed("FILE#NUMBER, a tab and a caption should stand here", each);
      }
      line++;
    }
    return builder.build();
  }

  private CocoCaptions rows(char separator, Columns columns) {
    while (at < text.length()) {
      int here = line;
      List<String> row = row(separator);
      int next = line;
      line = here;
      if (row.size() > 1 || !row.getFirst().isBlank()) {
        addRow(separator, columns, row);
      }
      line = next;
    }
    return builder.build();
  }

  private void addRow(char separator, Columns columns, List<String> row) {
    Matcher joined = WITHOUT_BAR.matcher(row.getLast());
    if (row.size() == columns.count) {
      if (columns.split < 0 || splits.takes(row.get(columns.split).strip())) {
        add(row.get(columns.image).strip(), row.get(columns.caption).strip());
      }
    } else if (separator == '|'
        && columns.image == 0
        && row.size() == columns.count - 1
        && joined.matches()) {
      add(row.getFirst().strip(), joined.group(1).strip());
    } else {
      throw malformed(
          "%d fields should stand here, not %d".formatted(columns.count, row.size()),
          String.join(String.valueOf(separator), row));
    }
  }

  /** The fields of the next line; one in quotation marks may hold separators and line ends. */
  private List<String> row(char separator) {
    List<String> fields = new ArrayList<>();
    while (true) {
      fields.add(atMark(separator) ? quoted(separator) : plain(separator));
      if (at == text.length()) {
        return fields;
      }
      if (text.charAt(at++) == '\n') {
        line++;
        return fields;
      }
    }
  }

  private boolean atMark(char separator) {
    return separator != '|' && at < text.length() && text.charAt(at) == '"';
  }

  /** A field without marks around it, up to the separator or the line's end. */
  private String plain(char separator) {
    int from = at;
    while (at < text.length() && text.charAt(at) != separator && text.charAt(at) != '\n') {
      at++;
    }
    return text.substring(from, at).replace("\r", "");
  }

  /** A field between quotation marks, with two of them for one within. */
  private String quoted(char separator) {
    int opened = line;
    StringBuilder field = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c != '"') {
        line += c == '\n' ? 1 : 0;
        field.append(c);
      } else if (at + 1 < text.length() && text.charAt(at + 1) == '"') {
        field.append('"');
        at++;
      } else {
        at++;
        String rest = plain(separator);
        if (!rest.isBlank()) {
          line = opened;
          throw malformed(
              "a field that begins with a quotation mark ends with the next one (a mark within is written as two), but after it stands more",
              beginning(rest));
        }
        return field.toString();
      }
    }
    line = opened;
    throw malformed(
        "a field begins with a quotation mark that is closed nowhere (a field that has marks of its own stands between two more, and has each twice)",
        beginning(field.toString()));
  }

  private static String beginning(String field) {
    String first = field.lines().findFirst().orElse("");
    return first.length() <= SHOWN ? first : first.substring(0, SHOWN) + "…";
  }

  private void add(String image, String caption) {
    if (image.isBlank()) {
      throw malformed("an image's file name should stand here", image);
    }
    builder.addImage(image, image);
    captions(caption).forEach(each -> builder.addCaption(image, each));
  }

  /** The captions of a field: itself, or those of a JSON list. */
  private List<String> captions(String field) {
    if (!field.startsWith("[") || !field.endsWith("]")) {
      return List.of(field);
    }
    return JsonCursor.texts(field)
        .orElseThrow(() ->
            malformed(
                "a caption in brackets should be a JSON list of texts, [\"...\", \"...\"]",
                beginning(field)));
  }

  private MalformedDataException malformed(String rule, String found) {
    return new MalformedDataException(
        "%s, line %d: %s: \"%s\". Mend the line, or take it out."
            .formatted(file, line, rule, found));
  }
}
