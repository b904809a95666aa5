package dev.vignette.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/** Conversion of stored elements to native float32. */
final class Float32 {
  private Float32() {}

  /** Direct buffer of float32: {@code stored} itself when that is possible, otherwise a copy. */
  static ByteBuffer from(TensorInfo info, ByteBuffer stored) {
    boolean aligned =
        info.offset() % Float.BYTES == 0 && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    if (info.type() == ElementType.F32 && aligned) {
      return stored.order(ByteOrder.nativeOrder());
    }
    int count = Math.toIntExact(info.shape().size());
    ByteBuffer result =
        ByteBuffer.allocateDirect(Math.multiplyExact(count, Float.BYTES))
            .order(ByteOrder.nativeOrder());
    FloatBuffer floats = result.asFloatBuffer();
    ByteBuffer source = stored.order(ByteOrder.LITTLE_ENDIAN);
    switch (info.type()) {
      case F32 -> floats.put(source.asFloatBuffer());
      case F16 -> fromHalf(source.asShortBuffer(), floats);
      case BF16 -> fromBrain(source.asShortBuffer(), floats);
      case F64 -> {
        var doubles = source.asDoubleBuffer();
        for (int i = 0; i < count; i++) {
          floats.put(i, (float) doubles.get(i));
        }
      }
      case I64, I32, I16, I8, U8, BOOL ->
          throw new WeightsException(
              "Tensor %s holds %s where floating-point weights are needed"
                  .formatted(info.name(), info.type()));
    }
    return result;
  }

  private static void fromHalf(ShortBuffer source, FloatBuffer target) {
    for (int i = 0; i < target.limit(); i++) {
      target.put(i, Float.float16ToFloat(source.get(i)));
    }
  }

  private static void fromBrain(ShortBuffer source, FloatBuffer target) {
    for (int i = 0; i < target.limit(); i++) {
      target.put(i, Float.intBitsToFloat(source.get(i) << 16));
    }
  }
}
