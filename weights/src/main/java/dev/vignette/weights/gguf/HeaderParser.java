package dev.vignette.weights.gguf;

import static dev.vignette.weights.faults.InvalidModelFileException.DAMAGED;
import static dev.vignette.weights.gguf.Wording.number;
import static dev.vignette.weights.gguf.Wording.quoted;

import dev.vignette.weights.faults.InvalidModelFileException;
import dev.vignette.weights.gguf.GgufFile.GgufTensor;
import dev.vignette.weights.gguf.GgufFile.TensorLayout;
import dev.vignette.weights.gguf.LanguageModelFile.Architectures;
import dev.vignette.weights.gguf.Metadata.MetadataValue;
import dev.vignette.weights.gguf.Metadata.MetadataValue.ValueType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a GGUF header of version 2 or 3. Follows the format as llama.cpp v0.5.0 reads it
 * (ggml/src/gguf.cpp), with bounds of its own on what a file can make it keep in memory.
 */
final class HeaderParser {

  static final String MAGIC = "GGUF";

  private static final int MAX_KEYS = 1 << 16;
  private static final int MAX_TENSORS = 1 << 17;

  private final HeaderReader in;

  private HeaderParser(HeaderReader in) {
    this.in = in;
  }

  /** Whether a file begins as a GGUF file does; consumes nothing. */
  static boolean isAt(HeaderReader in) throws IOException {
    byte[] head = in.peek(MAGIC.length());
    return new String(head, StandardCharsets.ISO_8859_1).equals(MAGIC);
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

  /** Reads the keys and values of a GGUF header. */
  static final class MetadataParser {

    private static final int MAX_KEY_BYTES = (1 << 16) - 1;
    private static final long MAX_ARRAY_LENGTH = 1L << 26;

    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final Pattern BYTE_TOKEN = Pattern.compile("<0x([0-9A-F]{2})>");
    private static final int BYTES = 256;

    /** Texts and arrays up to these sizes are kept, others skipped. */
    private static final int KEPT_TEXT_BYTES = 1 << 20;

    private static final int KEPT_ARRAY_LENGTH = 1 << 12;

    private final HeaderReader in;
    private final BitSet bytesOfTokens = new BitSet(BYTES);

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
        ValueType type = valueType();
        MetadataValue value = type == ValueType.ARRAY ? array(key) : value(type);
        if (values.put(key, value) != null) {
          throw broken("has the metadata key " + quoted(key) + " twice");
        }
      }
      Metadata metadata = new Metadata(in.file(), values);
      requireByteTokens(metadata);
      return metadata;
    }

    /**
     * A vocabulary that falls back to bytes has them all: llama.cpp ends the process without one.
     */
    private void requireByteTokens(Metadata metadata) {
      if (metadata.text("tokenizer.ggml.model").orElse("").equals("llama")
          && !bytesOfTokens.isEmpty()
          && bytesOfTokens.cardinality() < BYTES) {
        throw broken(
            "has no token <0x%02X> in its vocabulary, which needs one for each byte"
                .formatted(bytesOfTokens.nextClearBit(0)));
      }
    }

    /**
     * Looks at the texts of tokens, each there once: llama.cpp ends the process where one is not.
     */
    private void readTokens(long count) throws IOException {
      Set<String> texts = new HashSet<>();
      for (long i = 0; i < count; i++) {
        long bytes = in.stringLength();
        if (bytes > KEPT_TEXT_BYTES) {
          throw broken("has a token of %s bytes in %s".formatted(number(bytes), in.place()));
        }
        String text = in.text((int) bytes);
        if (!texts.add(text)) {
          throw broken("has the token " + quoted(text) + " twice in its vocabulary");
        }
        Matcher byteToken = BYTE_TOKEN.matcher(text);
        if (byteToken.matches()) {
          bytesOfTokens.set(Integer.parseInt(byteToken.group(1), 16));
        }
      }
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
        case ARRAY -> throw new IllegalArgumentException("an array is read with its key");
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

    private MetadataValue array(String key) throws IOException {
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
        if (key.equals(TOKENS)) {
          readTokens(length);
        } else {
          for (long i = 0; i < length; i++) {
            in.skip(in.stringLength());
          }
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

  /** Reads what a GGUF header says of the tensors. */
  static final class TensorParser {

    private static final int MAX_NAME_BYTES = 63;
    private static final int MAX_DIMENSIONS = 4;

    private final HeaderReader in;

    TensorParser(HeaderReader in) {
      this.in = in;
    }

    Map<String, GgufTensor> parse(int count) throws IOException {
      Map<String, GgufTensor> tensors = new LinkedHashMap<>();
      for (int i = 0; i < count; i++) {
        in.entering("tensor", i);
        String name = in.name(MAX_NAME_BYTES);
        in.entering("tensor", name);
        if (tensors.put(name, tensor(name)) != null) {
          throw broken("has the tensor " + quoted(name) + " twice");
        }
      }
      return tensors;
    }

    private GgufTensor tensor(String name) throws IOException {
      int count = in.int32();
      if (count < 0 || count > MAX_DIMENSIONS) {
        throw broken(
            "has %s with %s dimensions; at most %d are allowed"
                .formatted(in.place(), Integer.toUnsignedString(count), MAX_DIMENSIONS));
      }
      List<Long> dimensions = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        dimensions.add(in.int64());
      }
      TensorType type = tensorType();
      GgufTensor tensor = new GgufTensor(name, dimensions, type, in.int64());
      requireSize(tensor);
      return tensor;
    }

    private TensorType tensorType() throws IOException {
      int id = in.int32();
      TensorType type = TensorType.of(id);
      if (type == null) {
        throw new InvalidModelFileException(
            in.file(),
            "has %s with the unknown tensor type %s; %s knows 0 to %d without those it has removed"
                .formatted(
                    in.place(),
                    Integer.toUnsignedString(id),
                    Architectures.LLAMA_CPP,
                    TensorType.COUNT - 1),
            "Get the model in a common quantization, such as Q4_K_M or Q8_0, or download it again");
      }
      return type;
    }

    private void requireSize(GgufTensor tensor) {
      for (long dimension : tensor.dimensions()) {
        if (dimension < 1) {
          throw broken(
              "has %s with dimensions %s; each must be at least 1"
                  .formatted(in.place(), tensor.dimensions()));
        }
      }
      try {
        tensor.bytes();
      } catch (ArithmeticException overflow) {
        throw broken(
            "has %s with dimensions %s, more elements than can be counted"
                .formatted(in.place(), tensor.dimensions()));
      }
      if (tensor.dimension(0) % tensor.type().blockElements() != 0) {
        throw broken(
            "has %s with rows of %s elements; %s stores %d together"
                .formatted(
                    in.place(),
                    number(tensor.dimension(0)),
                    tensor.type(),
                    tensor.type().blockElements()));
      }
    }

    private InvalidModelFileException broken(String problem) {
      return new InvalidModelFileException(in.file(), problem, DAMAGED);
    }
  }
}
