package dev.vignette.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What EXIF data of a few bytes say; pictures with them are in {@code small-images.tsv}. */
class ExifOrientationTest {
  @ParameterizedTest
  @CsvSource({"0x4D4D, 0x002A, 3", "0x4949, 0x002A, 3", "0x4D4D, 0x2A00, 3", "0x4D4D, 0x003A, 1"})
  void dataWithoutTiffsMarkSayNothing(String order, String mark, int expected) {
    boolean big = order.equals("0x4D4D");
    ByteBuffer exif =
        ByteBuffer.allocate(26).order(big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    exif.putShort(Integer.decode(order).shortValue()).putShort(Integer.decode(mark).shortValue());
    exif.putInt(8).putShort((short) 1);
    exif.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) 3);
    assertThat(ExifOrientation.of(exif.array(), new byte[0]).ordinal() + 1).isEqualTo(expected);
  }
}
