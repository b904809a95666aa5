package dev.vignette.captions;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/** Walks through one JSON file; every complaint names the file and the line. */
public final class JsonCursor {
  private static final JsonFactory FACTORY = new JsonFactory();

  private final Path file;
  private final JsonParser parser;

  private JsonCursor(Path file, JsonParser parser) {
    this.file = file;
    this.parser = parser;
  }

  /**
   * Gives {@code reader} a cursor at the first token of {@code file}, and expects it to leave
   * nothing behind.
   *
   * @throws MalformedDataException if the file is no JSON
   * @throws UncheckedIOException if it cannot be read
   */
  public static <T> T read(Path file, Function<JsonCursor, T> reader) {
    try (InputStream in = Files.newInputStream(file);
        JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), in)) {
      JsonCursor cursor = new JsonCursor(file, parser);
      if (parser.nextToken() == null) {
        throw new MalformedDataException(
            file + " is empty; it should hold JSON. Make it again, or name another file.");
      }
      T result = reader.apply(cursor);
      if (parser.nextToken() != null) {
        throw cursor.malformed(
            "there is more after the end of the JSON; the file should hold one value");
      }
      return result;
    } catch (JacksonIOException failure) {
      throw unreadable(
          file, failure.getCause() instanceof IOException cause ? cause : new IOException(failure));
    } catch (JacksonException failure) {
      throw new MalformedDataException(
          "%s, line %d: this is no JSON (%s). Make the file again, or name another one."
              .formatted(file, failure.getLocation().getLineNr(), failure.getOriginalMessage()),
          failure);
    } catch (IOException failure) {
      throw unreadable(file, failure);
    }
  }

  private static UncheckedIOException unreadable(Path file, IOException failure) {
    String why =
        failure instanceof NoSuchFileException ? "there is no such file" : failure.toString();
    return new UncheckedIOException(
        "%s cannot be read: %s. Check the path and its permissions.".formatted(file, why), failure);
  }

  /** An exception that says {@code complaint} with the file and the current line. */
  public MalformedDataException malformed(String complaint) {
    return new MalformedDataException(
        "%s, line %d: %s.".formatted(file, parser.currentTokenLocation().getLineNr(), complaint));
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
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw malformed(what + " should be a whole number, but is " + found());
    }
    return parser.getLongValue();
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

  private String found() {
    return switch (parser.currentToken()) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "a list";
      case VALUE_STRING -> "the text \"" + parser.getString() + "\"";
      default -> parser.getString();
    };
  }
}
