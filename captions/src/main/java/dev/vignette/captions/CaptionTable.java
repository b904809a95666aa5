package dev.vignette.captions;

import dev.vignette.files.MalformedDataException;
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
 * caption.
 */
final class CaptionTable {
  private static final Pattern TOKEN_LINE = Pattern.compile("([^\\t]+?)#\\d+\\t(.*)");
  private static final Set<String> IMAGE =
      Set.of("image", "image_name", "file_name", "filename", "file", "image_path", "image_file");
  private static final Set<String> CAPTION =
      Set.of("caption", "comment", "text", "sentence", "raw", "captions");
  private static final String SEPARATORS = "|\t;,";

  /** A line of Flickr30k's table lacks its second bar. */
  private static final Pattern WITHOUT_BAR = Pattern.compile("\\s*\\d+\\s+(.*)");

  private final Path file;
  private final String text;
  private final CocoCaptions.Builder builder = new CocoCaptions.Builder();
  private int at;
  private int line = 1;

  private CaptionTable(Path file, String text) {
    this.file = file;
    this.text = text;
  }

  /**
   * The references of a table, each image's id being its file name.
   *
   * @return empty if the text is no such table
   * @throws MalformedDataException if a line of it is none
   */
  static Optional<CocoCaptions> read(Path file, String text) {
    String first = text.lines().findFirst().orElse("");
    CaptionTable table = new CaptionTable(file, text);
    if (TOKEN_LINE.matcher(first).matches()) {
      return Optional.of(table.tokenLines());
    }
    for (char separator : SEPARATORS.toCharArray()) {
      if (first.indexOf(separator) >= 0) {
        List<String> head = table.row(separator);
        int image = column(head, IMAGE);
        int caption = column(head, CAPTION);
        return image < 0 || caption < 0
            ? Optional.empty()
            : Optional.of(table.rows(separator, head.size(), image, caption));
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

  private CocoCaptions rows(char separator, int columns, int image, int caption) {
    while (at < text.length()) {
      int here = line;
      List<String> row = row(separator);
      if (row.size() == 1 && row.getFirst().isBlank()) {
        continue;
      }
      Matcher joined = WITHOUT_BAR.matcher(row.getLast());
      if (row.size() == columns) {
        add(row.get(image).strip(), row.get(caption).strip());
      } else if (separator == '|' && image == 0 && row.size() == columns - 1 && joined.matches()) {
        add(row.getFirst().strip(), joined.group(1).strip());
      } else {
        line = here;
        throw malformed(
            "%d fields should stand here, not %d".formatted(columns, row.size()),
            String.join(String.valueOf(separator), row));
      }
    }
    return builder.build();
  }

  /** The fields of the next line; one in quotation marks may hold separators and line ends. */
  private List<String> row(char separator) {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    boolean opened = false; // whether the field began with a quotation mark
    for (; at < text.length(); at++) {
      char c = text.charAt(at);
      line += c == '\n' ? 1 : 0;
      if (quoted) {
        boolean mark = c == '"';
        if (mark && at + 1 < text.length() && text.charAt(at + 1) == '"') {
          field.append('"');
          at++;
        } else if (mark) {
          quoted = false;
        } else {
          field.append(c);
        }
      } else if (c == '"' && separator != '|' && field.isEmpty() && !opened) {
        quoted = true;
        opened = true;
      } else if (c == separator) {
        fields.add(field.toString());
        field.setLength(0);
        opened = false;
      } else if (c == '\n') {
        at++;
        break;
      } else if (c != '\r') {
        field.append(c);
      }
    }
    fields.add(field.toString());
    return fields;
  }

  private void add(String image, String caption) {
    if (image.isBlank()) {
      throw malformed("an image's file name should stand here", image);
    }
    builder.addImage(image, image);
    builder.addCaption(image, caption);
  }

  private MalformedDataException malformed(String rule, String found) {
    return new MalformedDataException(
        "%s, line %d: %s: \"%s\". Mend the line, or take it out."
            .formatted(file, line, rule, found));
  }
}
