package dev.vignette.llava.convert;

import dev.vignette.llava.convert.LlavaConversion.ConversionException;
import dev.vignette.llava.convert.LlavaWeights.Stored;
import dev.vignette.weights.ElementType;
import dev.vignette.weights.TensorInfo;
import dev.vignette.weights.gguf.GgufWriter;
import dev.vignette.weights.gguf.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A stored tensor on its way into a GGUF file: read piece by piece, its numbers brought to the
 * file's type, the rows of its heads in llama.cpp's order. What is not finite is refused.
 */
final class StoredContent implements GgufWriter.Content {

  private static final int PIECE_BYTES = 1 << 22;
  private static final int FLOAT16_EXPONENT = 0x7C00;
  private static final int BFLOAT16_EXPONENT = 0x7F80;

  private final Stored stored;
  private final TensorInfo info;
  private final TensorType target;
  private final int heads;

  /**
   * @param heads heads whose rows change places, 0 for none
   */
  StoredContent(Stored stored, TensorType target, int heads) {
    this.stored = stored;
    this.info = stored.file().info(stored.name());
    this.target = target;
    this.heads = heads;
  }

  @Override
  public void writeTo(GgufWriter.Sink out) throws IOException {
    long rows = Math.max(1, info.shape().rank() < 2 ? 1 : info.shape().get(0));
    int columns = Math.toIntExact(info.shape().size() / rows);
    int headRows = heads == 0 ? 1 : Math.toIntExact(rows / heads);
    int rowBytes = Math.multiplyExact(columns, info.type().bytes());
    int pieceRows = Math.max(1, PIECE_BYTES / rowBytes / headRows) * headRows;
    int mostRows = (int) Math.min(rows, pieceRows);
    ByteBuffer read = littleEndian(Math.multiplyExact(mostRows, rowBytes));
    ByteBuffer written = littleEndian(mostRows * columns * target.blockBytes());
    ByteBuffer ordered = heads == 0 ? written : littleEndian(written.capacity());
    for (long row = 0; row < rows; row += pieceRows) {
      int count = (int) Math.min(pieceRows, rows - row);
      stored.file().read(stored.name(), row * rowBytes, read.clear().limit(count * rowBytes));
      convert(read.flip(), written.clear().limit(count * columns * target.blockBytes()));
      if (heads > 0) {
        orderHeads(written, ordered, count, headRows, columns * target.blockBytes());
      }
      out.write(ordered.clear().limit(count * columns * target.blockBytes()));
    }
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Copies each head's rows in the order 0, n/2, 1, n/2 + 1, …: what transformers rotates together
   * becomes neighbours.
   */
  private static void orderHeads(
      ByteBuffer rows, ByteBuffer ordered, int count, int headRows, int rowBytes) {
    for (int row = 0; row < count; row++) {
      int inHead = row % headRows;
      int from = row - inHead + inHead / 2 + (inHead % 2) * (headRows / 2);
      ordered.put(row * rowBytes, rows, from * rowBytes, rowBytes);
    }
  }

  private void convert(ByteBuffer read, ByteBuffer written) {
    int count = read.remaining() / info.type().bytes();
    switch (target) {
      case F32 -> {
        float[] numbers = floats(read, count);
        for (float number : numbers) {
          requireFinite(Float.isFinite(number), number);
        }
        written.asFloatBuffer().put(numbers);
      }
      case F16 ->
          written
              .asShortBuffer()
              .put(
                  info.type() == ElementType.F16
                      ? finite(shorts(read, count), FLOAT16_EXPONENT)
                      : float16(floats(read, count)));
      case BF16 ->
          written
              .asShortBuffer()
              .put(
                  info.type() == ElementType.BF16
                      ? finite(shorts(read, count), BFLOAT16_EXPONENT)
                      : bfloat16(floats(read, count)));
      default -> throw new IllegalArgumentException(target + " is not written here");
    }
  }

  private static short[] shorts(ByteBuffer read, int count) {
    short[] numbers = new short[count];
    read.asShortBuffer().get(numbers);
    return numbers;
  }

  private float[] floats(ByteBuffer read, int count) {
    float[] numbers = new float[count];
    switch (info.type()) {
      case F32 -> read.asFloatBuffer().get(numbers);
      case F16 -> {
        short[] halves = shorts(read, count);
        for (int i = 0; i < count; i++) {
          numbers[i] = Float.float16ToFloat(halves[i]);
        }
      }
      case BF16 -> {
        short[] halves = shorts(read, count);
        for (int i = 0; i < count; i++) {
          numbers[i] = Float.intBitsToFloat(halves[i] << 16);
        }
      }
      case F64 -> {
        for (int i = 0; i < count; i++) {
          numbers[i] = (float) read.getDouble(i * Double.BYTES);
        }
      }
      case I64, I32, I16, I8, U8, BOOL ->
          throw new ConversionException(
              "%s holds %s as %s; floating-point weights are needed"
                  .formatted(stored.file().path(), stored.name(), info.type()));
    }
    return numbers;
  }

  private short[] finite(short[] numbers, int exponent) {
    int greatest = 0;
    for (short number : numbers) {
      greatest = Math.max(greatest, number & exponent);
    }
    requireFinite(greatest != exponent, Float.NaN);
    return numbers;
  }

  private short[] float16(float[] numbers) {
    short[] halves = new short[numbers.length];
    int greatest = 0;
    for (int i = 0; i < numbers.length; i++) {
      halves[i] = Float.floatToFloat16(numbers[i]);
      greatest = Math.max(greatest, halves[i] & FLOAT16_EXPONENT);
    }
    if (greatest == FLOAT16_EXPONENT) {
      for (int i = 0; i < numbers.length; i++) {
        requireFinite((halves[i] & FLOAT16_EXPONENT) != FLOAT16_EXPONENT, numbers[i]);
      }
    }
    return halves;
  }

  /** Rounds to the nearest, to even in the middle, as llama.cpp does (ggml-impl.h). */
  private short[] bfloat16(float[] numbers) {
    short[] halves = new short[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      int bits = Float.floatToRawIntBits(numbers[i]);
      halves[i] = (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }
    for (float number : numbers) {
      requireFinite(Float.isFinite(number), number);
    }
    return finite(halves, BFLOAT16_EXPONENT);
  }

  private void requireFinite(boolean finite, float number) {
    if (!finite) {
      throw new ConversionException(
          Float.isFinite(number)
              ? "%s: tensor %s holds %s, which %s cannot; convert with --type BF16"
                  .formatted(stored.file().path(), stored.name(), number, target)
              : "%s: tensor %s holds numbers that are not finite: the weights are damaged, or their training went wrong; get the file again"
                  .formatted(stored.file().path(), stored.name()));
    }
  }
}
