package dev.vignette.weights.gguf;

import java.util.List;

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
}
