package dev.vignette.captions.batch;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Records as single lines of JSON, names in snake_case. */
final class JsonLines {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonLines() {}

  /** {@code data} as one line, without its end. */
  static String format(Record data) {
    return MAPPER.writeValueAsString(data);
  }

  /** The record that {@code line} says, empty if it says none of that type. */
  static <R extends Record> Optional<R> parse(String line, Class<R> type) {
    try {
      return Optional.ofNullable(MAPPER.readValue(line, type));
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }
}
