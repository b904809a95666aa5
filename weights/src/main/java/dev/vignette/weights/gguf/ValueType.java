package dev.vignette.weights.gguf;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The types a metadata value can have, in the order of their numbers in the file (llama.cpp v0.5.0,
 * gguf.h).
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
