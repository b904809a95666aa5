package dev.vignette.llama.gguf;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values of a GGUF file. A lookup gives the value, nothing when the key is absent, or
 * an {@link InvalidModelFileException} when the value has another type: llama.cpp takes no type but
 * the exact one, and libmtmd ends the process over it.
 */
public final class Metadata {

  private final Path file;
  private final Map<String, MetadataValue> values;

  Metadata(Path file, Map<String, MetadataValue> values) {
    this.file = file;
    this.values = Collections.unmodifiableMap(values);
  }

  /** All keys, in the order of the file. */
  public Set<String> keys() {
    return values.keySet();
  }

  public Optional<String> text(String key) {
    return switch (values.get(key)) {
      case null -> Optional.empty();
      case MetadataValue.Text value -> Optional.of(value.text());
      case MetadataValue other -> throw wrongType(key, "string", other);
    };
  }

  public Optional<Boolean> flag(String key) {
    return Optional.ofNullable(scalar(key, ValueType.BOOL)).map(value -> value.longValue() != 0);
  }

  public OptionalInt uint16(String key) {
    Number value = scalar(key, ValueType.UINT16);
    return value == null ? OptionalInt.empty() : OptionalInt.of(value.intValue());
  }

  public OptionalLong uint32(String key) {
    Number value = scalar(key, ValueType.UINT32);
    return value == null ? OptionalLong.empty() : OptionalLong.of(value.longValue());
  }

  public OptionalInt int32(String key) {
    Number value = scalar(key, ValueType.INT32);
    return value == null ? OptionalInt.empty() : OptionalInt.of(value.intValue());
  }

  public Optional<Float> float32(String key) {
    return Optional.ofNullable(scalar(key, ValueType.FLOAT32)).map(Number::floatValue);
  }

  /** The int32 array of a key; empty when the key is absent. */
  public List<Integer> int32s(String key) {
    return numbers(key, ValueType.INT32).stream().map(Number::intValue).toList();
  }

  /** The float32 array of a key; empty when the key is absent. */
  public List<Float> float32s(String key) {
    return numbers(key, ValueType.FLOAT32).stream().map(Number::floatValue).toList();
  }

  /** How many strings the array of a key holds. They are not kept. */
  public OptionalLong stringCount(String key) {
    return switch (values.get(key)) {
      case null -> OptionalLong.empty();
      case MetadataValue.Array(ValueType type, long length, var _) when type == ValueType.STRING ->
          OptionalLong.of(length);
      case MetadataValue other -> throw wrongType(key, "array of string", other);
    };
  }

  /** A uint32 that must be there and lie within the bounds, both included. */
  int requireUint32(String key, int least, int most) {
    long value =
        uint32(key)
            .orElseThrow(() ->
                new InvalidModelFileException(
                    file,
                    "lacks the metadata key " + Wording.quoted(key),
                    InvalidModelFileException.DAMAGED));
    if (value < least || value > most) {
      throw new InvalidModelFileException(
          file,
          "sets %s to %s, but it must lie between %s and %s"
              .formatted(
                  Wording.quoted(key),
                  Wording.number(value),
                  Wording.number(least),
                  Wording.number(most)),
          InvalidModelFileException.DAMAGED);
    }
    return (int) value;
  }

  private @Nullable Number scalar(String key, ValueType wanted) {
    return switch (values.get(key)) {
      case null -> null;
      case MetadataValue.Scalar(ValueType type, Number value) when type == wanted -> value;
      case MetadataValue other -> throw wrongType(key, wanted.toString(), other);
    };
  }

  private List<Number> numbers(String key, ValueType wanted) {
    return switch (values.get(key)) {
      case null -> List.of();
      case MetadataValue.Array(ValueType type, long length, List<Number> numbers)
          when type == wanted && length == numbers.size() ->
          numbers;
      case MetadataValue other -> throw wrongType(key, "short array of " + wanted, other);
    };
  }

  private InvalidModelFileException wrongType(String key, String wanted, MetadataValue found) {
    return new InvalidModelFileException(
        file,
        "has the metadata key %s with the wrong type: it must be a %s, but is a %s"
            .formatted(Wording.quoted(key), wanted, found.typeName()),
        InvalidModelFileException.DAMAGED);
  }
}
