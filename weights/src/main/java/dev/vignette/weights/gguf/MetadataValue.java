package dev.vignette.weights.gguf;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

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
   * An array: of numbers, with all of them or, when it is long, none; or of strings, which are not
   * kept.
   */
  record Array(ValueType elementType, long length, List<Number> numbers) implements MetadataValue {
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
