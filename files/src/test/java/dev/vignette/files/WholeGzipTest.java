package dev.vignette.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class WholeGzipTest {
  private static byte[] packed(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      bytes.writeBytes(part);
    }
    return bytes.toByteArray();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] read(byte[] file, int buffer) throws IOException {
    try (InputStream in = new WholeGzip(new ByteArrayInputStream(file), buffer)) {
      return in.readAllBytes();
    }
  }

  @Test
  void membersAreReadOneAfterAnotherWhateverTheBuffer() throws IOException {
    byte[] noise = new byte[100_000];
    new Random(5).nextBytes(noise);
    byte[] file = joined(packed(noise), packed(new byte[0]), packed(text("tail")));
    for (int buffer : new int[] {1, 7, 512, 1 << 20}) {
      assertThat(read(file, buffer)).isEqualTo(joined(noise, text("tail")));
    }
  }

  @Test
  void aHeaderWithAllItsPartsIsRead() throws IOException {
    byte[] plain = packed(text("a bird"));
    byte[] header = Arrays.copyOf(plain, 10);
    header[3] = 2 + 4 + 8 + 16;
    byte[] more = joined(new byte[] {3, 0, 1, 2, 3}, text("name\0comment\0"), new byte[] {9, 9});
    byte[] file = joined(header, more, Arrays.copyOfRange(plain, 10, plain.length));
    assertThat(read(file, 4)).asString().isEqualTo("a bird");
  }

  @Test
  void zerosBehindTheLastMemberArePadding() throws IOException {
    assertThat(read(joined(packed(text("a")), new byte[700]), 64)).asString().isEqualTo("a");
    assertThatThrownBy(() -> read(joined(packed(text("a")), new byte[7], text("b")), 64))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no gzip");
  }

  @Test
  void nothingIsDroppedInSilence() throws IOException {
    byte[] first = packed(text("first"));
    byte[] second = packed(text("second"));
    byte[] whole = joined(first, second);
    for (int length = 0; length < whole.length; length++) {
      int cut = length;
      if (cut != first.length) {
        assertThatThrownBy(() -> read(Arrays.copyOf(whole, cut), 16))
            .as("cut at %d", cut)
            .isInstanceOf(IOException.class);
      }
    }
    for (int at : new int[] {0, 1, 2, first.length - 1, first.length - 5}) {
      for (int member = 0; member < 2; member++) {
        byte[] damaged = whole.clone();
        damaged[at + member * first.length] ^= 1;
        assertThatThrownBy(() -> read(damaged, 16)).isInstanceOf(IOException.class);
      }
    }
    assertThatThrownBy(() -> read(joined(first, text("junk")), 16))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no gzip");
  }
}
