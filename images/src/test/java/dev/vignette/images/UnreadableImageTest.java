package dev.vignette.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.images.RgbImage.ImageReadOptions;
import dev.vignette.images.UnreadableImageException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnreadableImageTest {
  @TempDir Path folder;

  /** The picture stands whole before what says how it lies: cut between them, it is not turned. */
  private static final String TURNED_BY_ITS_END = "png-orientation-after-pixels";

  static List<SmallImage> smallImages() {
    return SmallImage.all().stream()
        .filter(image -> !image.name().equals(TURNED_BY_ITS_END))
        .toList();
  }

  @Test
  void anEmptyFileIsNamed() {
    assertUnreadable(new byte[0], Reason.EMPTY)
        .hasMessage("bad.jpg is empty (0 bytes). Get the file again.");
  }

  @Test
  void textIsShown() {
    byte[] page = "<!DOCTYPE html>\n<html>404 Not Found</html>".getBytes(StandardCharsets.UTF_8);

    assertUnreadable(page, Reason.NOT_AN_IMAGE)
        .hasMessageContaining("its text begins with \"<!DOCTYPE html> <html>404");
    assertUnreadable("BM is a text".getBytes(StandardCharsets.UTF_8), Reason.NOT_AN_IMAGE);
  }

  @Test
  void bytesOfNoImageAreSaidToBeSo() {
    assertUnreadable(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, Reason.NOT_AN_IMAGE)
        .hasMessageContaining("those of no image");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "II*\0",
        "MM\0*",
        "8BPS",
        "P6\n144 144\n255\n",
        "qoif",
        "%PDF-1.4",
        "\u00ff\nxx",
        "\0\0\0\fJXL ",
        "\0\0\0\u0018ftypheic"
      })
  void formatsThatAreNotReadAreNamed(String start) {
    assertUnreadable(start.getBytes(StandardCharsets.ISO_8859_1), Reason.UNSUPPORTED)
        .hasMessageContaining("Convert it to PNG or JPEG");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> RgbImage.read(folder.resolve("absent.jpg")))
        .isInstanceOfSatisfying(
            UnreadableImageException.class,
            error -> assertThat(error.reason()).isEqualTo(Reason.NO_ACCESS))
        .hasMessageContaining("absent.jpg is not there");
  }

  @Test
  void aFolderIsNamed() {
    assertThatThrownBy(() -> RgbImage.read(folder))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("is a folder");
  }

  @Test
  void aDeviceIsNamedAndNotWaitedFor() {
    assertThatThrownBy(() -> RgbImage.read(Path.of("/dev/zero")))
        .isInstanceOfSatisfying(
            UnreadableImageException.class,
            error -> assertThat(error.reason()).isEqualTo(Reason.NO_ACCESS))
        .hasMessageContaining("no regular file");
  }

  @Test
  void theFileIsNamedByItsPath() throws IOException {
    Path file = Files.writeString(folder.resolve("note.png"), "just a note");

    assertThatThrownBy(() -> RgbImage.read(file)).hasMessageStartingWith(file + " is not an image");
  }

  @Test
  void aHugeImageIsRefusedByItsHeader() {
    assertUnreadable(PngFiles.headerOnly(60_000, 60_000), Reason.TOO_LARGE)
        .hasMessageContainingAll("60000 x 60000", "178956970", "Make a smaller copy");
    byte[] jpeg = SmallImage.file("jpeg-420");
    int frame = indexOf(jpeg, 0xC0);
    Arrays.fill(jpeg, frame + 5, frame + 9, (byte) 0xEA);
    assertUnreadable(jpeg, Reason.TOO_LARGE).hasMessageContaining("60138 x 60138");
  }

  @Test
  void theLimitOfPixelsIsTheCallers() {
    ImageReadOptions limited = ImageReadOptions.DEFAULT.withMaxPixels(37 * 29 - 1);
    byte[] file = SmallImage.file("jpeg-420");

    assertThatThrownBy(() -> RgbImage.read(file, "a.jpg", limited))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContainingAll("37 x 29", "1072");
    assertThat(RgbImage.read(file, "a.jpg", limited.withMaxPixels(37 * 29)).width()).isEqualTo(37);
    assertThatThrownBy(() -> limited.withMaxPixels(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anImageThatTakesMoreMemoryThanThereIsIsRefusedByItsHeader() {
    ImageReadOptions unlimited = ImageReadOptions.DEFAULT.withMaxPixels(Long.MAX_VALUE);

    assertThatThrownBy(
            () -> RgbImage.read(PngFiles.headerOnly(60_000, 60_000), "huge.png", unlimited))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContainingAll("60000 x 60000", "20599 MiB", "VIGNETTE_JAVA_OPTS=-Xmx41198m");
    assertThatThrownBy(() -> RgbImage.read(PngFiles.headerOnly(1_000_001, 1), "long.png"))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContainingAll("1000001 x 1", "1000000 in a row");
  }

  @ParameterizedTest
  @MethodSource("smallImages")
  void aFileCutAnywhereIsAnErrorOrTheWholePicture(SmallImage image) {
    String whole = image.upright();
    List<Reason> allowed =
        List.of(Reason.TRUNCATED, Reason.DAMAGED, Reason.EMPTY, Reason.NOT_AN_IMAGE);
    for (int length = 0; length < image.file().length; length += 1 + length / 40) {
      byte[] cut = Arrays.copyOf(image.file(), length);
      try {
        assertThat(Sha256.of(RgbImage.read(cut, image.name()).rgb()))
            .as("cut to %d", length)
            .isEqualTo(whole);
      } catch (UnreadableImageException error) {
        assertThat(error.reason()).as("cut to %d: %s", length, error.getMessage()).isIn(allowed);
      }
    }
  }

  @Test
  void aFileCutInTheMiddleOfItsPixelsIsTruncated() {
    List<String> wholeBefore = List.of("jpeg-trailing", "gif-moving", TURNED_BY_ITS_END);
    for (SmallImage image : SmallImage.all()) {
      if (!wholeBefore.contains(image.name()) && image.file().length > 400) {
        byte[] cut = Arrays.copyOf(image.file(), image.file().length * 9 / 10);

        assertUnreadable(cut, Reason.TRUNCATED).hasMessageContaining("truncated");
      }
    }
  }

  @Test
  void aJpegWithoutItsEndIsTruncatedAsPillowHasIt() {
    byte[] file = SmallImage.file("jpeg-420");

    assertUnreadable(Arrays.copyOf(file, file.length - 2), Reason.TRUNCATED)
        .hasMessageContaining("no end of image");
  }

  @ParameterizedTest
  @MethodSource("smallImages")
  void flippedBitsGiveAPictureOrAnErrorAndNothingElse(SmallImage image) {
    Random random = new Random(image.name().hashCode());
    List<String> outcomes = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      byte[] flipped = image.file().clone();
      flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        outcomes.add(
            RgbImage.read(flipped, image.name(), ImageReadOptions.DEFAULT.withMaxPixels(100_000))
                .toString());
      } catch (UnreadableImageException error) {
        outcomes.add(error.getMessage());
      }
    }
    assertThat(outcomes).hasSize(200).doesNotContain("");
  }

  @Test
  void aRareJpegIsNamed() {
    byte[] arithmetic = SmallImage.file("jpeg-420");
    arithmetic[indexOf(arithmetic, 0xC0) + 1] = (byte) 0xC9;
    assertUnreadable(arithmetic, Reason.UNSUPPORTED).hasMessageContaining("arithmetic coding");

    byte[] twelveBits = SmallImage.file("jpeg-420");
    twelveBits[indexOf(twelveBits, 0xC0) + 4] = 12;
    assertUnreadable(twelveBits, Reason.UNSUPPORTED).hasMessageContaining("12 bits");
  }

  @Test
  void aScanThatIsOfImpossibleBitsOrTablesIsDamaged() {
    byte[] refined = SmallImage.file("jpeg-progressive");
    refined[indexOf(refined, 0xDA) + 13] = 0x11; // one bit lacking before, and one after
    assertUnreadable(refined, Reason.DAMAGED).hasMessageContaining("shifted by 1 after 1");

    byte[] longer = SmallImage.file("jpeg-420");
    longer[indexOf(longer, 0xDA) + 3]++;
    assertUnreadable(longer, Reason.DAMAGED).hasMessageContaining("scan header has 11 bytes");

    byte[] reserved = SmallImage.file("jpeg-progressive");
    reserved[indexOf(reserved, 0xC4) + 1] = (byte) 0x84;
    assertUnreadable(reserved, Reason.DAMAGED).hasMessageContaining("segment of the kind 84");

    byte[] tables = SmallImage.file("jpeg-progressive");
    tables[indexOf(tables, 0xDA) + 6] = 0x40;
    assertUnreadable(tables, Reason.DAMAGED).hasMessageContaining("Huffman DC table 4");
  }

  @Test
  void aWrongCheckSumInThePngHeaderIsNamed() {
    byte[] png = SmallImage.file("png-rgb-8");
    png[29] ^= 1;

    assertUnreadable(png, Reason.DAMAGED).hasMessageContaining("check sum of its chunk IHDR");
  }

  @Test
  void aFrameInAFrameOfAWebpIsPassedOverHoweverDeep() {
    ByteBuffer file = ByteBuffer.allocate(500_000).order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(StandardCharsets.ISO_8859_1)).putInt(file.capacity() - 8);
    file.put("WEBP".getBytes(StandardCharsets.ISO_8859_1));
    while (file.remaining() >= 24) {
      file.put("ANMF".getBytes(StandardCharsets.ISO_8859_1)).putInt(file.remaining() - 4);
      file.position(file.position() + 16);
    }

    assertUnreadable(file.array(), Reason.DAMAGED).hasMessageContaining("has no picture");
  }

  @Test
  void whatZlibSaysOfAPngIsSaidInOurWords() {
    byte[] png = SmallImage.file("png-rgb-8");
    int data = new String(png, StandardCharsets.ISO_8859_1).indexOf("IDAT") + 4;
    png[data] = 0;

    assertUnreadable(png, Reason.DAMAGED)
        .hasMessage("bad.jpg is damaged: its pixels cannot be decompressed. Get the file again.");
  }

  private static int indexOf(byte[] jpeg, int marker) {
    for (int i = 0; i < jpeg.length; i++) {
      if (jpeg[i] == (byte) 0xFF && jpeg[i + 1] == (byte) marker) {
        return i;
      }
    }
    throw new AssertionError("no marker " + marker);
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertUnreadable(
      byte[] file, Reason reason) {
    return assertThatThrownBy(() -> RgbImage.read(file, "bad.jpg"))
        .isInstanceOfSatisfying(
            UnreadableImageException.class,
            error -> assertThat(error.reason()).as(error.getMessage()).isEqualTo(reason))
        .hasMessageStartingWith("bad.jpg ");
  }
}
