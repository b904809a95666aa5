package dev.vignette.weights;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * An object of a model's JSON file. A lookup gives the member, nothing when it is absent or null,
 * or a {@link WeightsException} that names the place when it is of another kind.
 */
public final class JsonObject {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final int LONGEST_SHOWN = 60;

  private final String place;
  private final SequencedMap<String, Object> members;

  private JsonObject(String place, SequencedMap<String, Object> members) {
    this.place = place;
    this.members = Collections.unmodifiableSequencedMap(members);
  }

  /** An object without members, for what is left out. */
  public static JsonObject empty(String place) {
    return new JsonObject(place, new LinkedHashMap<>());
  }

  /**
   * Reads a file that holds one object.
   *
   * @throws WeightsException when it is no JSON, or no object
   */
  public static JsonObject read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return parse(file.toString(), in);
    }
  }

  /** Reads an object from bytes; {@code place} names them in messages. */
  static JsonObject parse(String place, byte[] json) {
    return parse(place, new ByteArrayInputStream(json));
  }

  private static JsonObject parse(String place, InputStream in) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), in)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new WeightsException(place + " is no JSON object");
      }
      JsonObject object = readObject(place, parser);
      if (parser.nextToken() != null) {
        throw new WeightsException(place + " goes on after its JSON object; get it again");
      }
      return object;
    } catch (JacksonException e) {
      throw new WeightsException(
          "%s is no whole JSON: line %d, column %d is wrong; get it again"
              .formatted(place, e.getLocation().getLineNr(), e.getLocation().getColumnNr()),
          e);
    }
  }

  private static JsonObject readObject(String place, JsonParser parser) {
    SequencedMap<String, Object> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      Object value = readValue(place, name, parser);
      if (value != null) {
        members.put(name, value);
      }
    }
    return new JsonObject(place, members);
  }

  private static @Nullable Object readValue(String place, String name, JsonParser parser) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> readObject(inside(place, name), parser);
      case START_ARRAY -> readList(place, name, parser);
      case VALUE_STRING -> parser.getString();
      case VALUE_NUMBER_INT -> wholeNumber(parser);
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case null, default -> null;
    };
  }

  private static Object wholeNumber(JsonParser parser) {
    return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
        ? parser.getDoubleValue()
        : (Object) parser.getLongValue();
  }

  private static List<Object> readList(String place, String name, JsonParser parser) {
    List<Object> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      Object value = readValue(place, name, parser);
      values.add(value == null ? empty(inside(place, name)) : value);
    }
    return Collections.unmodifiableList(values);
  }

  private static String inside(String place, String name) {
    return place + ", \"" + name + "\"";
  }

  /** What the object is, for messages: its file and the members that lead to it. */
  public String place() {
    return place;
  }

  /** The names of the members that are not null, in the file's order. */
  public SequencedSet<String> names() {
    return Collections.unmodifiableSequencedSet(members.sequencedKeySet());
  }

  public boolean has(String name) {
    return members.containsKey(name);
  }

  public Optional<String> text(String name) {
    return member(name, String.class, "a text");
  }

  public Optional<Boolean> flag(String name) {
    return member(name, Boolean.class, "true or false");
  }

  public Optional<JsonObject> object(String name) {
    return member(name, JsonObject.class, "an object");
  }

  public OptionalLong wholeNumber(String name) {
    Optional<Long> value = member(name, Long.class, "a whole number");
    return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
  }

  public OptionalDouble number(String name) {
    Optional<Number> value = member(name, Number.class, "a number");
    return value.isPresent()
        ? OptionalDouble.of(value.get().doubleValue())
        : OptionalDouble.empty();
  }

  /** The array of a member, empty when it is absent, each element of the kind given. */
  public <T> List<T> list(String name, Class<T> kind) {
    List<T> values = new ArrayList<>();
    for (Object value : member(name, List.class, "an array").orElse(List.of())) {
      if (!kind.isInstance(value)) {
        throw wrong(name, "an array of " + kind.getSimpleName(), value);
      }
      values.add(kind.cast(value));
    }
    return values;
  }

  /** Whether a member is an array. */
  public boolean isList(String name) {
    return members.get(name) instanceof List;
  }

  /** Whether a member is a text. */
  public boolean isText(String name) {
    return members.get(name) instanceof String;
  }

  /** Whether a member is an object. */
  public boolean isObject(String name) {
    return members.get(name) instanceof JsonObject;
  }

  /** A text that must be there. */
  public String requireText(String name) {
    return text(name).orElseThrow(() -> missing(name));
  }

  /** An object that must be there. */
  public JsonObject requireObject(String name) {
    return object(name).orElseThrow(() -> missing(name));
  }

  /** A whole number that must be there and lie within the bounds, both included. */
  public long requireWholeNumber(String name, long least, long most) {
    long value = wholeNumber(name).orElseThrow(() -> missing(name));
    if (value < least || value > most) {
      throw new WeightsException(
          "%s, \"%s\" is %d, but must lie between %d and %d"
              .formatted(place, name, value, least, most));
    }
    return value;
  }

  private <T> Optional<T> member(String name, Class<T> kind, String wanted) {
    Object value = members.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!kind.isInstance(value)) {
      throw wrong(name, wanted, value);
    }
    return Optional.of(kind.cast(value));
  }

  private WeightsException missing(String name) {
    return new WeightsException("%s has no \"%s\", which is needed".formatted(place, name));
  }

  private WeightsException wrong(String name, String wanted, Object found) {
    String shown = String.valueOf(found);
    return new WeightsException(
        "%s, \"%s\" must be %s, but is %s"
            .formatted(
                place,
                name,
                wanted,
                shown.length() > LONGEST_SHOWN
                    ? shown.substring(0, LONGEST_SHOWN) + "..."
                    : shown));
  }

  @Override
  public String toString() {
    return members.toString();
  }
}
