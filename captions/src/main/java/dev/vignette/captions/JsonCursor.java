package dev.vignette.captions;

import java.io.IOException;
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
import tools.jackson.core.json.JsonFactory;

/** Walks through one JSON file; every complaint names the file and the line. */
final class JsonCursor {
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
  static <T> T read(Path file, Function<JsonCursor, T> reader) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), bytes(file))) {
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
    } catch (JacksonException failure) {
      throw new MalformedDataException(
          "%s, line %d: this is no JSON (%s). Make the file again, or name another one."
              .formatted(file, failure.getLocation().getLineNr(), failure.getOriginalMessage()),
          failure);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException failure) {
      String why =
          failure instanceof NoSuchFileException ? "there is no such file" : failure.toString();
      throw new UncheckedIOException(
          "%s cannot be read: %s. Check the path and its permissions.".formatted(file, why),
          failure);
    }
  }

  /** An exception that says {@code complaint} with the file and the current line. */
  MalformedDataException malformed(String complaint) {
    return new MalformedDataException(
        "%s, line %d: %s.".formatted(file, parser.currentTokenLocation().getLineNr(), complaint));
  }

  int line() {
    return parser.currentTokenLocation().getLineNr();
  }

  boolean atObject() {
    return parser.currentToken() == JsonToken.START_OBJECT;
  }

  boolean atArray() {
    return parser.currentToken() == JsonToken.START_ARRAY;
  }

  boolean atString() {
    return parser.currentToken() == JsonToken.VALUE_STRING;
  }

  /**
   * Calls {@code member} with each name, the cursor being at its value, which the callee consumes.
   */
  void eachMember(String what, Consumer<String> member) {
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
  void eachElement(String what, Runnable element) {
    if (!atArray()) {
      throw malformed(what + " should be a list [...], but is " + found());
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      element.run();
    }
  }

  String string(String what) {
    if (!atString()) {
      throw malformed(what + " should be a text \"...\", but is " + found());
    }
    return parser.getString();
  }

  long integer(String what) {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw malformed(what + " should be a whole number, but is " + found());
    }
    return parser.getLongValue();
  }

  /** Passes over the value at the cursor. */
  void skip() {
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
