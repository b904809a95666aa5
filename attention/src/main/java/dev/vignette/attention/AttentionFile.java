package dev.vignette.attention;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.captions.reading.JsonCursor;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.OwnFile;
import dev.vignette.files.faults.MalformedDataException;
import dev.vignette.images.PixelGeometry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A caption's attention as {@code attention.json}: the source (with the hash of the image's file
 * where it is known), the caption, its words and tokens, the geometry, and the numbers as arrays
 * over (tokens, layers, heads), one head where their mean was traced: {@code share}, the part of
 * each row that falls on the image, and {@code attention}, with the (side · side) patches in each,
 * row by row from the top left, to 6 significant digits.
 *
 * <p>Of the other keys only the sum is kept, as 1 less the share; read again, they are one key
 * before the image's.
 */
record AttentionFile(AttentionSource source, AttendedCaption caption) {
  /** What the file begins with, also in those of earlier versions. */
  private static final String[] MARKS = {"{\"image\":", ",\"model\":", ",\"settings\":{"};

  private static final int DIGITS = 6;
  private static final JsonFactory FACTORY = new JsonFactory();

  /**
   * Writes the file, whole or not at all.
   *
   * @throws UncheckedIOException if it cannot be written; see {@link AtomicFile#write}
   */
  public void write(Path file) {
    AtomicFile.write(file, this::write);
  }

  /**
   * Reads a file.
   *
   * @throws MalformedDataException if it is none
   * @throws UncheckedIOException if it cannot be read
   */
  static AttentionFile read(Path file) {
    return JsonCursor.read(file, cursor -> new AttentionFileReader(cursor).read());
  }

  /** Whether nothing of anybody's is lost when {@code file} is replaced by one of this kind. */
  static boolean isFree(Path file) throws IOException {
    return OwnFile.isFree(file, MARKS);
  }

  /** Whether that is so, and an older one is of the same image by its hash. */
  static boolean isFreeFor(Path file, String sha256) throws IOException {
    return isFree(file) && OwnFile.isFree(file, ",\"sha256\":\"" + sha256 + "\"");
  }

  private void write(OutputStream out) {
    try (JsonGenerator json =
        FACTORY.createGenerator(ObjectWriteContext.empty(), out, JsonEncoding.UTF8)) {
      json.writeStartObject();
      json.writeStringProperty("image", source.image());
      if (!source.sha256().isEmpty()) {
        json.writeStringProperty("sha256", source.sha256());
      }
      json.writeStringProperty("model", source.model());
      json.writeObjectPropertyStart("settings");
      source.settings().forEach(json::writeStringProperty);
      json.writeEndObject();
      json.writeStringProperty("caption", caption.caption());
      words(json);
      AttentionTrace trace = caption.trace();
      json.writeArrayPropertyStart("pieces");
      trace.pieces().forEach(json::writeString);
      json.writeEndArray();
      numbers(json, "layers", trace.layers());
      numbers(json, "heads", trace.heads());
      json.writeNumberProperty("side", trace.grid().side());
      geometry(json, caption.geometry());
      attention(json, trace);
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  private void words(JsonGenerator json) {
    json.writeArrayPropertyStart("words");
    for (CaptionWord word : CaptionWord.of(caption.trace().pieces())) {
      json.writeStartObject();
      json.writeStringProperty("text", word.text());
      json.writeNumberProperty("from", word.from());
      json.writeNumberProperty("to", word.to());
      json.writeBooleanProperty("punctuation", word.punctuation());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void numbers(JsonGenerator json, String name, List<Integer> numbers) {
    json.writeArrayPropertyStart(name);
    numbers.forEach(json::writeNumber);
    json.writeEndArray();
  }

  /** As the page's script reads it too. */
  static void geometry(JsonGenerator json, PixelGeometry geometry) {
    json.writeObjectPropertyStart("geometry");
    json.writeNumberProperty("width", geometry.width());
    json.writeNumberProperty("height", geometry.height());
    json.writeNumberProperty("size", geometry.size());
    json.writeNumberProperty("scaleX", geometry.scaleX());
    json.writeNumberProperty("scaleY", geometry.scaleY());
    json.writeNumberProperty("offsetX", geometry.offsetX());
    json.writeNumberProperty("offsetY", geometry.offsetY());
    json.writeEndObject();
  }

  private static void attention(JsonGenerator json, AttentionTrace trace) {
    json.writeArrayPropertyStart("share");
    eachRow(
        json,
        trace,
        (token, layer, head) -> json.writeNumber(rounded((float) trace.share(token, layer, head))));
    json.writeEndArray();
    json.writeArrayPropertyStart("attention");
    eachRow(
        json,
        trace,
        (token, layer, head) -> {
          json.writeStartArray();
          float[] row = trace.row(token, layer, head);
          for (int patch = 0; patch < trace.grid().patches(); patch++) {
            json.writeNumber(rounded(row[trace.grid().firstKey() + patch]));
          }
          json.writeEndArray();
        });
    json.writeEndArray();
  }

  /** Writes what belongs to a row. */
  private interface RowWriter {
    void write(int token, int layer, int head);
  }

  /** (tokens, layers, heads). */
  private static void eachRow(JsonGenerator json, AttentionTrace trace, RowWriter writer) {
    for (int token = 0; token < trace.pieces().size(); token++) {
      json.writeStartArray();
      for (int layer = 0; layer < trace.layers().size(); layer++) {
        json.writeStartArray();
        for (int head = 0; head < trace.rowsPerLayer(); head++) {
          writer.write(token, layer, head);
        }
        json.writeEndArray();
      }
      json.writeEndArray();
    }
  }

  /** A number of at most 6 significant digits, which a float writes in as many. */
  private static float rounded(float value) {
    if (value == 0) {
      return 0;
    }
    double scale = Math.pow(10, DIGITS - 1 - Math.floor(Math.log10(Math.abs((double) value))));
    return (float) (Math.round(value * scale) / scale);
  }
}
