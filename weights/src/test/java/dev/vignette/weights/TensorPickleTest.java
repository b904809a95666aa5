package dev.vignette.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TensorPickleTest {
  private static Object pickled(int length) {
    ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 'X').putInt(length).put("name".getBytes(StandardCharsets.US_ASCII));
    bytes.put((byte) '.').flip();
    return new TensorPickle(bytes).read();
  }

  @Test
  void aTextIsReadAndALengthBeyondTheFileIsRefusedWithBoth() {
    assertThat(pickled(4)).isEqualTo("name");
    for (int length : new int[] {6, Integer.MAX_VALUE, -1}) {
      assertThatThrownBy(() -> pickled(length))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining(Integer.toUnsignedString(length) + " bytes")
          .hasMessageContaining("only 5 follow");
    }
  }
}
