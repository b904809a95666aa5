package dev.vignette.llama.internal;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Strings that llama.cpp owns. */
public final class CString {

  private CString() {}

  /** The text of a zero-terminated UTF-8 string; empty for a null pointer. */
  public static String read(MemorySegment pointer) {
    return pointer.equals(MemorySegment.NULL) ? "" : pointer.getString(0, StandardCharsets.UTF_8);
  }
}
