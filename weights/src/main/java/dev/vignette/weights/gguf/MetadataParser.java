package dev.vignette.weights.gguf;

import static dev.vignette.weights.gguf.InvalidModelFileException.DAMAGED;
import static dev.vignette.weights.gguf.Wording.number;
import static dev.vignette.weights.gguf.Wording.quoted;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the keys and values of a GGUF header. */
final class MetadataParser {

  private static final int MAX_KEY_BYTES = (1 << 16) - 1;
  private static final long MAX_ARRAY_LENGTH = 1L << 26;

  /** Texts and arrays up to these sizes are kept, others skipped. */
  private static final int KEPT_TEXT_BYTES = 1 << 20;

  private static final int KEPT_ARRAY_LENGTH = 1 << 12;

  private final HeaderReader in;

  MetadataParser(HeaderReader in) {
    this.in = in;
  }

  Metadata parse(int count) throws IOException {
    Map<String, MetadataValue> values = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      in.entering("metadata key", i);
      String key = in.name(MAX_KEY_BYTES);
      if (key.isEmpty()) {
        throw broken("has an empty name for " + in.place());
      }
      in.entering("metadata key", key);
      if (values.put(key, value(valueType())) != null) {
        throw broken("has the metadata key " + quoted(key) + " twice");
      }
    }
    return new Metadata(in.file(), values);
  }

  private ValueType valueType() throws IOException {
    int id = in.int32();
    ValueType type = ValueType.of(id);
    if (type == null) {
      throw broken(
          "has %s with the unknown value type %s; 0 to 12 are known"
              .formatted(in.place(), Integer.toUnsignedString(id)));
    }
    return type;
  }

  private MetadataValue value(ValueType type) throws IOException {
    return switch (type) {
      case STRING -> text();
      case ARRAY -> array();
      default -> new MetadataValue.Scalar(type, scalar(type));
    };
  }

  private Number scalar(ValueType type) throws IOException {
    return switch (type) {
      case UINT8 -> in.int8() & 0xFFL;
      case INT8 -> (long) in.int8();
      case BOOL -> in.int8() == 0 ? 0L : 1L;
      case UINT16 -> in.int16() & 0xFFFFL;
      case INT16 -> (long) in.int16();
      case UINT32 -> Integer.toUnsignedLong(in.int32());
      case INT32 -> (long) in.int32();
      case UINT64, INT64 -> in.int64();
      case FLOAT32 -> (double) Float.intBitsToFloat(in.int32());
      case FLOAT64 -> Double.longBitsToDouble(in.int64());
      case STRING, ARRAY ->
          throw new IllegalArgumentException(type + " is not the type of one number");
    };
  }

  private MetadataValue text() throws IOException {
    long length = in.stringLength();
    if (length <= KEPT_TEXT_BYTES && in.keep(length)) {
      return new MetadataValue.Text(in.text((int) length));
    }
    in.skip(length);
    return new MetadataValue.SkippedText(length);
  }

  private MetadataValue array() throws IOException {
    ValueType type = valueType();
    if (type == ValueType.ARRAY) {
      throw broken("has " + in.place() + " as an array of arrays, which llama.cpp does not read");
    }
    long length = in.int64();
    if (length < 0 || length > MAX_ARRAY_LENGTH) {
      throw broken(
          "has %s as an array of %s values; at most %s are plausible"
              .formatted(in.place(), number(length), number(MAX_ARRAY_LENGTH)));
    }
    if (type == ValueType.STRING) {
      for (long i = 0; i < length; i++) {
        in.skip(in.stringLength());
      }
      return new MetadataValue.Array(type, length, List.of());
    }
    in.requireInFile(length * type.bytes());
    if (length > KEPT_ARRAY_LENGTH || !in.keep(length * Long.BYTES)) {
      in.skip(length * type.bytes());
      return new MetadataValue.Array(type, length, List.of());
    }
    List<Number> numbers = new ArrayList<>((int) length);
    for (long i = 0; i < length; i++) {
      numbers.add(scalar(type));
    }
    return new MetadataValue.Array(type, length, numbers);
  }

  private InvalidModelFileException broken(String problem) {
    return new InvalidModelFileException(in.file(), problem, DAMAGED);
  }
}
