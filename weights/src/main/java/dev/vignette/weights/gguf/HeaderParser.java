package dev.vignette.weights.gguf;

import static dev.vignette.weights.gguf.InvalidModelFileException.DAMAGED;
import static dev.vignette.weights.gguf.Wording.number;

import dev.vignette.weights.gguf.GgufFile.GgufTensor;
import java.io.IOException;
import java.util.Map;

/**
 * Reads a GGUF header of version 2 or 3. Follows the format as llama.cpp v0.5.0 reads it
 * (ggml/src/gguf.cpp), with bounds of its own on what a file can make it keep in memory.
 */
final class HeaderParser {

  private static final int MAX_KEYS = 1 << 16;
  private static final int MAX_TENSORS = 1 << 17;

  private final HeaderReader in;

  private HeaderParser(HeaderReader in) {
    this.in = in;
  }

  static GgufFile parse(HeaderReader in) throws IOException {
    return new HeaderParser(in).file();
  }

  private GgufFile file() throws IOException {
    in.skip(Integer.BYTES);
    int version = version();
    int tensorCount = count("tensors", MAX_TENSORS);
    int keyCount = count("metadata keys", MAX_KEYS);
    Metadata metadata = new MetadataParser(in).parse(keyCount);
    long alignment = alignment(metadata);
    Map<String, GgufTensor> tensors = new TensorParser(in).parse(tensorCount);
    long dataOffset =
        tensors.isEmpty() ? in.position() : TensorLayout.align(in.position(), alignment);
    return new GgufFile(in.file(), version, metadata, tensors, alignment, dataOffset, in.size());
  }

  private int version() throws IOException {
    int version = in.int32();
    if (version != 0 && (version & 0xFFFF) == 0) {
      throw new InvalidModelFileException(
          in.file(),
          "is a big-endian GGUF file: its version reads 0x%08x".formatted(version),
          "Get the little-endian file, or convert it with gguf-py's gguf_convert_endian.py");
    }
    if (version != 2 && version != 3) {
      throw new InvalidModelFileException(
          in.file(),
          "has GGUF version %s; versions 2 and 3 can be read"
              .formatted(Integer.toUnsignedString(version)),
          version == 1
              ? "Convert the original model again with a current convert_hf_to_gguf.py of llama.cpp"
              : DAMAGED + ", or use a newer release of this program");
    }
    return version;
  }

  private int count(String what, int most) throws IOException {
    long count = in.int64();
    if (count < 0 || count > most) {
      throw broken(
          "claims to hold %s %s; at most %s are plausible"
              .formatted(number(count), what, number(most)));
    }
    return (int) count;
  }

  private long alignment(Metadata metadata) {
    long alignment = metadata.uint32("general.alignment").orElse(TensorLayout.DEFAULT_ALIGNMENT);
    if (Long.bitCount(alignment) != 1) {
      throw broken(
          "sets 'general.alignment' to %s; it must be a power of two".formatted(number(alignment)));
    }
    return alignment;
  }

  private InvalidModelFileException broken(String problem) {
    return new InvalidModelFileException(in.file(), problem, DAMAGED);
  }
}
