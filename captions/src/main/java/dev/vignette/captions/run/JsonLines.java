package dev.vignette.captions.run;

import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Objects as single lines of JSON. By tokens rather than by data binding, whose classes take longer
 * to load than a small model takes for several captions.
 */
final class JsonLines {
  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonLines() {}

  /** The line, without its end, of an object with the members that {@code members} writes. */
  static String format(Consumer<JsonGenerator> members) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), line)) {
      json.writeStartObject();
      members.accept(json);
      json.writeEndObject();
    }
    return line.toString();
  }

  /**
   * The texts and numbers among the members of the object that {@code line} is, as text by name;
   * empty if it is no object.
   */
  static Optional<Map<String, String>> parse(String line) {
    try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), line)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      Map<String, String> members = new HashMap<>();
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (value == JsonToken.VALUE_STRING || value.isNumeric()) {
          members.put(name, json.getString());
        } else {
          json.skipChildren();
        }
      }
      return json.nextToken() == null ? Optional.of(members) : Optional.empty();
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }
}
