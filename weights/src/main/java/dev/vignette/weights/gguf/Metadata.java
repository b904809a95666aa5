package dev.vignette.weights.gguf;

import static dev.vignette.weights.faults.InvalidModelFileException.DAMAGED;

import dev.vignette.weights.faults.InvalidModelFileException;
import dev.vignette.weights.gguf.Metadata.MetadataValue.ValueType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
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

  public Optional<String> text(String key) {
    MetadataValue value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof MetadataValue.Text(String text)) {
      return Optional.of(text);
    }
    throw wrongType(key, "string", value);
  }

  public Optional<Boolean> flag(String key) {
    Number value = scalar(key, ValueType.BOOL);
    return value == null ? Optional.empty() : Optional.of(value.longValue() != 0);
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
    Number value = scalar(key, ValueType.FLOAT32);
    return value == null ? Optional.empty() : Optional.of(value.floatValue());
  }

  /** The int32 array of a key; empty when the key is absent. */
  public List<Integer> int32s(String key) {
    List<Integer> values = new ArrayList<>();
    for (Number number : numbers(key, ValueType.INT32)) {
      values.add(number.intValue());
    }
    return values;
  }

  /** The float32 array of a key; empty when the key is absent. */
  public List<Float> float32s(String key) {
    List<Float> values = new ArrayList<>();
    for (Number number : numbers(key, ValueType.FLOAT32)) {
      values.add(number.floatValue());
    }
    return values;
  }

  /** How many strings the array of a key holds. They are not kept. */
  public OptionalLong stringCount(String key) {
    MetadataValue value = values.get(key);
    if (value == null) {
      return OptionalLong.empty();
    }
    if (value instanceof MetadataValue.Array(ValueType type, long length, var _)
        && type == ValueType.STRING) {
      return OptionalLong.of(length);
    }
    throw wrongType(key, "array of string", value);
  }

  /** A uint32 that must be there and lie within the bounds, both included. */
  int requireUint32(String key, int least, int most) {
    Number number = scalar(key, ValueType.UINT32);
    if (number == null) {
      throw new InvalidModelFileException(
          file, "lacks the metadata key " + Wording.quoted(key), DAMAGED);
    }
    long value = number.longValue();
    if (value < least || value > most) {
      throw new InvalidModelFileException(
          file,
          "sets %s to %s, but it must lie between %s and %s"
              .formatted(
                  Wording.quoted(key),
                  Wording.number(value),
                  Wording.number(least),
                  Wording.number(most)),
          DAMAGED);
    }
    return (int) value;
  }

  /**
   * Refuses numbers that no model computes with: llama.cpp takes any, and ends the process over
   * some of them or writes nonsense.
   *
   * @param prefix of the keys that are looked at
   * @param positive the keys below it whose numbers are over 0
   */
  void requireFinite(String prefix, Set<String> positive) {
    values.forEach((key, value) -> {
      if (key.startsWith(prefix)
          && value instanceof MetadataValue.Scalar(ValueType type, Number number)
          && type == ValueType.FLOAT32) {
        boolean over = positive.contains(key.substring(prefix.length()));
        float given = number.floatValue();
        if (!Float.isFinite(given) || (over && given <= 0)) {
          throw new InvalidModelFileException(
              file,
              "sets %s to %s, but it must be a finite number%s"
                  .formatted(Wording.quoted(key), given, over ? " over 0" : ""),
              DAMAGED);
        }
      }
    });
  }

  private @Nullable Number scalar(String key, ValueType wanted) {
    MetadataValue value = values.get(key);
    if (value == null) {
      return null;
    }
    if (value instanceof MetadataValue.Scalar(ValueType type, Number number) && type == wanted) {
      return number;
    }
    throw wrongType(key, wanted.toString(), value);
  }

  private List<Number> numbers(String key, ValueType wanted) {
    MetadataValue value = values.get(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof MetadataValue.Array(ValueType type, long length, List<Number> numbers)
        && type == wanted
        && length == numbers.size()) {
      return numbers;
    }
    throw wrongType(key, "short array of " + wanted, value);
  }

  private InvalidModelFileException wrongType(String key, String wanted, MetadataValue found) {
    return new InvalidModelFileException(
        file,
        "has the metadata key %s with the wrong type: it must be %s, but is %s"
            .formatted(Wording.quoted(key), wanted, found.typeName()),
        DAMAGED);
  }

  /** One value of a GGUF file's metadata, as far as it is kept. */
  sealed interface MetadataValue {

    /** How messages name the type. */
    String typeName();

    /** A number or a truth value (0 or 1): a Long for whole types and bool, a Double for floats. */
    record Scalar(ValueType type, Number value) implements MetadataValue {
      @Override
      public String typeName() {
        return type.toString();
      }
    }

    record Text(String text) implements MetadataValue {
      @Override
      public String typeName() {
        return ValueType.STRING.toString();
      }
    }

    /** A text too long to be kept: embedded tokenizers and the like. */
    record SkippedText(long bytes) implements MetadataValue {
      @Override
      public String typeName() {
        return "string of " + Wording.number(bytes) + " bytes";
      }
    }

    /**
     * An array: of numbers, with all of them or, when it is long, none; or of strings, which are
     * not kept.
     */
    record Array(ValueType elementType, long length, List<Number> numbers)
        implements MetadataValue {
      public Array {
        numbers = List.copyOf(numbers);
      }

      @Override
      public String typeName() {
        return "array of " + Wording.number(length) + " " + elementType;
      }
    }

    /**
     * The types a metadata value can have, in the order of their numbers in the file (llama.cpp
     * v0.5.0, gguf.h).
     */
    enum ValueType {
      UINT8(1),
      INT8(1),
      UINT16(2),
      INT16(2),
      UINT32(4),
      INT32(4),
      FLOAT32(4),
      BOOL(1),
      STRING(0),
      ARRAY(0),
      UINT64(8),
      INT64(8),
      FLOAT64(8);

      private static final ValueType[] BY_ID = values();

      private final int bytes;

      ValueType(int bytes) {
        this.bytes = bytes;
      }

      /** The type of a number; null for a number never given. */
      static @Nullable ValueType of(int id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
      }

      /** Bytes of one value in the file; 0 for strings and arrays, whose length is in the file. */
      int bytes() {
        return bytes;
      }

      @Override
      public String toString() {
        return name().toLowerCase(Locale.ROOT);
      }
    }
  }
}
