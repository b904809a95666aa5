package dev.vignette.captions.reading;

import dev.vignette.files.WholeGzip;
import dev.vignette.files.faults.MalformedDataException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.json.JsonFactory;

/** Walks through one JSON file; every complaint names the file and the line. */
public final class JsonCursor {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final byte[] GZIP = {0x1f, (byte) 0x8b};
  private static final int GZIP_BUFFER = 1 << 16;
  private static final int PACKED_HEAD = 10;
  private static final Map<String, Pattern> NOT_UNPACKED =
      Map.of(
          "bzip2", Pattern.compile("BZh[1-9]1AY&SY"),
          "xz", Pattern.compile("\u00fd7zX"),
          "zstd", Pattern.compile("\\(\u00b5/\u00fd"),
          "zip", Pattern.compile("PK\u0003\u0004"));

  private final Path file;
  private final JsonParser parser;

  private JsonCursor(Path file, JsonParser parser) {
    this.file = file;
    this.parser = parser;
  }

  /**
   * Gives {@code reader} a cursor at the first token of {@code file}, and expects it to leave
   * nothing behind. A file that is packed by gzip is unpacked, whatever it is called.
   *
   * @throws MalformedDataException if the file is no JSON
   * @throws UncheckedIOException if it cannot be read
   */
  public static <T> T read(Path file, Function<JsonCursor, T> reader) {
    return open(
        file,
        cursor -> {
          T result = reader.apply(cursor);
          if (cursor.nextDocument()) {
            throw cursor.malformed(
                "there is more after the end of the JSON; the file should hold one value");
          }
          return result;
        });
  }

  /**
   * Gives {@code reader} a cursor at the first token of {@code file}, which may hold several
   * values, a line each or not (JSONL); {@link #nextDocument} goes on to the next.
   *
   * @throws MalformedDataException if the file is no JSON
   * @throws UncheckedIOException if it cannot be read
   */
  public static <T> T open(Path file, Function<JsonCursor, T> reader) {
    try (InputStream in = unpacked(new BufferedInputStream(Files.newInputStream(file)))) {
      return open(file, in, reader);
    } catch (IOException failure) {
      throw ReadFault.unreadable(file, failure);
    }
  }

  /**
   * Gives {@code reader} a cursor at the first token of what {@code in} has.
   *
   * @param file what complaints call it
   * @throws MalformedDataException if it is no JSON
   */
  public static <T> T open(Path file, InputStream in, Function<JsonCursor, T> reader) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), in)) {
      JsonCursor cursor = new JsonCursor(file, parser);
      if (parser.nextToken() == null) {
        throw new MalformedDataException(
            file + " is empty; it should hold JSON. Make it again, or name another file.");
      }
      return reader.apply(cursor);
    } catch (JacksonException failure) {
      throw ReadFault.noJson(file, failure);
    }
  }

  /** The texts of a JSON list of nothing else; empty if {@code json} is something else. */
  public static Optional<List<String>> texts(String json) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        return Optional.empty();
      }
      List<String> texts = new ArrayList<>();
      while (parser.nextToken() == JsonToken.VALUE_STRING) {
        texts.add(parser.getString());
      }
      boolean whole = parser.currentToken() == JsonToken.END_ARRAY && parser.nextToken() == null;
      return whole ? Optional.of(texts) : Optional.empty();
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }

  /** What is in a stream, unpacked if it is packed by gzip. */
  public static InputStream unpacked(InputStream in) throws IOException {
    in.mark(PACKED_HEAD);
    byte[] head = in.readNBytes(PACKED_HEAD);
    in.reset();
    if (head.length >= GZIP.length && Arrays.equals(Arrays.copyOf(head, GZIP.length), GZIP)) {
      return new WholeGzip(in, GZIP_BUFFER);
    }
    String beginning = new String(head, StandardCharsets.ISO_8859_1);
    for (Map.Entry<String, Pattern> other : NOT_UNPACKED.entrySet()) {
      if (other.getValue().matcher(beginning).lookingAt()) {
        throw new ReadFault.OtherPackingException("it is packed by " + other.getKey());
      }
    }
    return in;
  }

  /** Goes to the first token of the next value of the file; false at the file's end. */
  public boolean nextDocument() {
    return parser.nextToken() != null;
  }

  /** An exception that says {@code complaint} with the file and the current line. */
  public MalformedDataException malformed(String complaint) {
    return malformedAt(line(), complaint);
  }

  /** An exception that says {@code complaint} with the file and a line. */
  public MalformedDataException malformedAt(int line, String complaint) {
    return new MalformedDataException("%s, line %d: %s.".formatted(file, line, complaint));
  }

  /** The line of the current token, from 1. */
  public int line() {
    return parser.currentTokenLocation().getLineNr();
  }

  /** Whether the current token begins an object. */
  public boolean atObject() {
    return parser.currentToken() == JsonToken.START_OBJECT;
  }

  /** Whether the current token begins a list. */
  public boolean atArray() {
    return parser.currentToken() == JsonToken.START_ARRAY;
  }

  /** Whether the current token is a text. */
  public boolean atString() {
    return parser.currentToken() == JsonToken.VALUE_STRING;
  }

  /** Whether the current token is a whole number. */
  public boolean atInteger() {
    return parser.currentToken() == JsonToken.VALUE_NUMBER_INT;
  }

  /**
   * Calls {@code member} with each name, the cursor being at its value, which the callee consumes.
   */
  public void eachMember(String what, Consumer<String> member) {
    if (!atObject()) {
      throw malformed(what + " should be an object {...}, but is " + found());
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      member.accept(name);
    }
  }

  /** Calls {@code element} at each value of the list, which the callee consumes. */
  public void eachElement(String what, Runnable element) {
    if (!atArray()) {
      throw malformed(what + " should be a list [...], but is " + found());
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      element.run();
    }
  }

  /** The text at the cursor; {@code what} names it in the complaint that it is none. */
  public String string(String what) {
    if (!atString()) {
      throw malformed(what + " should be a text \"...\", but is " + found());
    }
    return parser.getString();
  }

  /** The whole number at the cursor. */
  public long integer(String what) {
    if (!atInteger()) {
      throw malformed(what + " should be a whole number, but is " + found());
    }
    try {
      return parser.getLongValue();
    } catch (InputCoercionException _) {
      throw malformed(what + " should be a whole number of 64 bits, but is " + found());
    }
  }

  /** The id at the cursor: a text, or a whole number in its digits. */
  public String id(String what) {
    if (!atInteger() && !atString()) {
      throw malformed(what + " should be a whole number or a text \"...\", but is " + found());
    }
    String id = parser.getString();
    if (id.isBlank()) {
      throw malformed(what + " is blank; it should name an image");
    }
    return id;
  }

  /** The number at the cursor. */
  public double number(String what) {
    if (!parser.currentToken().isNumeric()) {
      throw malformed(what + " should be a number, but is " + found());
    }
    return parser.getDoubleValue();
  }

  /** Passes over the value at the cursor. */
  public void skip() {
    parser.skipChildren();
  }

  /** What is at the cursor, to stand in a complaint. */
  public String found() {
    return switch (parser.currentToken()) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "a list";
      case VALUE_STRING -> "the text \"" + parser.getString() + "\"";
      default -> parser.getString();
    };
  }
}
