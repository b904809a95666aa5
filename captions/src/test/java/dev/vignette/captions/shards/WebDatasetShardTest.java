package dev.vignette.captions.shards;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.shards.WebDatasetShard.Fault;
import dev.vignette.captions.shards.WebDatasetShard.Item;
import dev.vignette.captions.shards.WebDatasetShard.Part;
import dev.vignette.captions.shards.WebDatasetShard.Sample;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shards as others write them, and what becomes of those that are damaged. */
class WebDatasetShardTest {
  private static final String LONG = "very/" + "long-folder-name/".repeat(9) + "00002";

  @TempDir Path folder;

  private static List<Item> items(InputStream in) {
    try (WebDatasetShard shard = WebDatasetShard.open(in, "s.tar")) {
      return items(shard);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static List<Item> items(WebDatasetShard shard) throws IOException {
    List<Item> items = new ArrayList<>();
    for (Optional<Item> next = shard.next(); next.isPresent(); next = shard.next()) {
      items.add(next.get());
    }
    assertThat(shard.next()).isEmpty();
    return items;
  }

  private static List<Item> items(byte[] tar) {
    return items(new ByteArrayInputStream(tar));
  }

  /** A sample as {@code key[jpg=first txt=...]}, a fault as its message. */
  private static List<String> said(List<Item> items) {
    return items.stream()
        .map(item ->
            switch (item) {
              case Fault fault -> fault.message();
              case Sample sample -> {
                List<String> parts = new ArrayList<>();
                sample
                    .parts()
                    .forEach((extension, part) -> parts.add(extension + "=" + text(part)));
                yield sample.key() + parts;
              }
            })
        .toList();
  }

  private static String text(Part part) {
    String text = new String(part.bytes().orElseThrow(), StandardCharsets.UTF_8);
    return text.length() > 20 ? text.length() + " letters" : text;
  }

  private static ShardMaker three() {
    return new ShardMaker()
        .add("a.jpg", "A")
        .add("a.txt", "an a")
        .add("b.jpg", "B".repeat(1300))
        .add("b.txt", "a b")
        .add("c.jpg", "C")
        .add("c.txt", "a c");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gnu", "pax", "ustar"})
  void pythonsFormsAreRead(String form) {
    InputStream in = Objects.requireNonNull(getClass().getResourceAsStream(form + ".tar.gz"));
    assertThat(said(items(in)))
        .contains(
            "00000[jpg=first, txt=a first caption]",
            "folder/00001[seg.png=600 letters, json={}]",
            LONG + "[jpg=long]",
            "café[jpg=coffee]")
        .hasSize(5)
        .anyMatch(item -> item.contains("folder/link.jpg is a link, which has no bytes"));
  }

  @Test
  void whatGnuTarWritesIsReadAndItsLinksAreNamed() {
    InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("gnutar.tar.gz"));
    assertThat(said(items(in)))
        .contains("00007[jpg=abc, txt=a cap]")
        .hasSize(2)
        .anyMatch(item -> item.contains("the entry l.jpg is a link"));
  }

  @Test
  void aSampleSaysWhereItIsAndWhichIsItsPicture() throws IOException {
    ShardMaker maker =
        new ShardMaker().add("x/a.seg.png", "S").add("x/a.json", "{}").add("x/a.jpg", "pixels");
    byte[] tar = maker.bytes();
    Sample sample = (Sample) items(tar).getFirst();
    assertThat(sample.offset()).isZero();
    assertThat(sample.image()).contains("jpg");
    Part part = Objects.requireNonNull(sample.parts().get("jpg"));
    assertThat(part.name()).isEqualTo("x/a.jpg");
    assertThat(part.offset()).isEqualTo(maker.offset("x/a.jpg"));
    assertThat(Arrays.copyOfRange(tar, (int) part.data(), (int) (part.data() + part.size())))
        .isEqualTo("pixels".getBytes(StandardCharsets.UTF_8));
    assertThat(new Sample(0, "k", sample.parts()).bytes("jpg")).isPresent();
    try (WebDatasetShard only =
        WebDatasetShard.open(new ByteArrayInputStream(tar), "s.tar", "json"::equals, 10)) {
      Sample half = (Sample) only.next().orElseThrow();
      assertThat(half.bytes("json")).isPresent();
      assertThat(half.bytes("jpg")).isEmpty();
      assertThat(requireNonNull(half.parts().get("jpg")).data()).isEqualTo(part.data());
    }
  }

  @Test
  void aPictureWithTwoExtensionsCountsWhereThereIsNoOther() {
    Sample sample =
        (Sample) items(new ShardMaker().add("a.txt", "").add("a.seg.png", "S").bytes()).getFirst();
    assertThat(sample.image()).contains("seg.png");
    Sample none = (Sample) items(new ShardMaker().add("a.txt", "").bytes()).getFirst();
    assertThat(none.image()).isEmpty();
  }

  @Test
  void aCutShardGivesWhatIsWholeAndOneFault() {
    ShardMaker maker = three();
    byte[] tar = maker.bytes();
    byte[] inB = Arrays.copyOf(tar, maker.offset("b.jpg") + 512 + 700);
    assertThat(said(items(inB)))
        .containsExactly(
            "a[jpg=A, txt=an a]",
            "s.tar is cut short within the entry b.jpg, behind byte 3260. Get the shard again. The sample b is left out.");
    byte[] inHeader = Arrays.copyOf(tar, maker.offset("c.jpg") + 100);
    assertThat(said(items(inHeader)))
        .hasSize(3)
        .endsWith("s.tar is cut short within a header at byte 5220. Get the shard again.");
    assertThat(said(items(maker.endless())))
        .hasSize(4)
        .last()
        .asString()
        .contains("without the blocks of zeros");
  }

  @Test
  void aCutAtAnyByteGivesWhatIsWhole() {
    ShardMaker maker = three();
    byte[] tar = maker.bytes();
    for (int length = 1; length < maker.endless().length; length += 37) {
      List<Item> items = items(Arrays.copyOf(tar, length));
      List<String> keys =
          items.stream()
              .filter(Sample.class::isInstance)
              .map(item -> ((Sample) item).key())
              .toList();
      List<String> whole = new ArrayList<>();
      for (String key : List.of("a", "b", "c")) {
        int pixels = maker.offset(key + ".jpg") + 512 + (key.equals("b") ? 1300 : 1);
        int words = maker.offset(key + ".txt");
        boolean onlyPixels = length >= pixels && length < words + 512;
        if (onlyPixels || length >= words + 512 + 4) {
          whole.add(key);
        }
      }
      assertThat(keys).as("cut at %d", length).containsExactlyElementsOf(whole);
      assertThat(items.stream().filter(Fault.class::isInstance)).as("cut at %d", length).hasSize(1);
    }
  }

  @Test
  void aCutInPackedDataGivesWhatCameOut() {
    byte[] noise = new byte[30_000];
    new Random(1).nextBytes(noise);
    byte[] packed =
        ShardMaker.packed(new ShardMaker().add("a.jpg", "A").add("b.jpg", noise).bytes());
    assertThat(said(items(Arrays.copyOf(packed, 20_000))))
        .hasSize(2)
        .startsWith("a[jpg=A]")
        .last()
        .asString()
        .contains("cut short within the entry b.jpg");
    packed[15_000] ^= 0x55;
    packed[15_001] ^= 0x33;
    List<String> damaged = said(items(packed));
    assertThat(damaged).startsWith("a[jpg=A]");
  }

  @Test
  void aDamagedHeaderIsNamedAndReadingGoesOn() {
    ShardMaker maker = three();
    assertThat(said(items(maker.withDamaged("b.jpg"))))
        .containsExactly(
            "a[jpg=A, txt=an a]",
            "s.tar, byte 2048: the header of an entry is damaged (it says \"b.jpg\"), and it is left out; reading goes on at byte 4096. Get the shard again.",
            "b[txt=a b]",
            "c[jpg=C, txt=a c]");
    assertThat(said(items(maker.withDamaged("a.txt"))))
        .hasSize(4)
        .startsWith("a[jpg=A]")
        .element(1)
        .asString()
        .contains("byte 1024", "a.txt");
    assertThat(said(items(maker.withDamaged("c.txt"))))
        .hasSize(4)
        .last()
        .asString()
        .contains("no good one follows; the rest is lost");
  }

  @Test
  void aHoleOfZerosIsNotTheEnd() {
    ShardMaker maker = three();
    byte[] tar = maker.bytes();
    Arrays.fill(tar, maker.offset("b.jpg"), maker.offset("b.txt"), (byte) 0);
    assertThat(said(items(tar)))
        .hasSize(4)
        .contains("a[jpg=A, txt=an a]", "b[txt=a b]", "c[jpg=C, txt=a c]")
        .element(1)
        .asString()
        .contains("has zeros at byte 2048", "goes on at byte 4096");
  }

  @Test
  void anEntryWhoseLongNameIsLostIsNotCalledByItsShortOne() {
    ShardMaker maker =
        new ShardMaker()
            .add("a.jpg", "A")
            .add("././@LongLink", 'L', "long/b.jpg\0".getBytes(StandardCharsets.UTF_8))
            .add("long/b", "B")
            .add("c.jpg", "C");
    assertThat(said(items(maker.bytes()))).containsExactly("a[jpg=A]", "long/b[jpg=B]", "c[jpg=C]");
    assertThat(said(items(maker.withDamaged("././@LongLink"))))
        .hasSize(4)
        .startsWith("a[jpg=A]")
        .endsWith("c[jpg=C]")
        .element(2)
        .asString()
        .contains("name of an entry was lost");
  }

  @Test
  void namesThatLeadOutOfTheShardAreRefused() {
    byte[] tar =
        new ShardMaker()
            .add("/etc/passwd.jpg", "A")
            .add("a/../../b.jpg", "B")
            .add("a..b.jpg", "C")
            .add("d.jpg", "D")
            .bytes();
    assertThat(said(items(tar)))
        .containsExactly(
            "s.tar, byte 0: the name of an entry stays within the shard, but is /etc/passwd.jpg. Write it again with relative names.",
            "s.tar, byte 1024: the name of an entry stays within the shard, but is a/../../b.jpg. Write it again with relative names.",
            "a[.b.jpg=C]",
            "d[jpg=D]");
  }

  @Test
  void devicesAndWhatHasNoExtensionArePassedOver() {
    byte[] tar =
        new ShardMaker()
            .add("null.jpg", '3', new byte[0])
            .add("hard", '1', new byte[0])
            .add("folder.jpg/", '0', new byte[0])
            .add("README", "none")
            .add(".hidden.jpg", "H")
            .add("a.jpg", "A")
            .bytes();
    assertThat(said(items(tar))).containsExactly("a[jpg=A]");
  }

  @Test
  void aSparseFileIsNamed() {
    byte[] tar = new ShardMaker().add("s.jpg", 'S', new byte[700]).add("a.jpg", "A").bytes();
    assertThat(said(items(tar)))
        .hasSize(2)
        .endsWith("a[jpg=A]")
        .element(0)
        .asString()
        .contains("s.jpg", "sparse");
  }

  @Test
  void theFilesOfASampleLieBesideEachOther() {
    byte[] tar = new ShardMaker().add("a.jpg", "A").add("b.jpg", "B").add("a.txt", "late").bytes();
    assertThat(said(items(tar)))
        .hasSize(3)
        .startsWith("a[jpg=A]", "b[jpg=B]")
        .last()
        .asString()
        .contains("a.txt comes apart from the others of a");
    assertThat(said(items(new ShardMaker().add("a.jpg", "1").add("a.JPG", "2").bytes())))
        .containsExactly(
            "a[jpg=1]",
            "s.tar, byte 1024: the sample has one file of a name, but a.JPG is there twice. The first one counts.");
  }

  @Test
  void aFileBeyondTheLimitIsNamedAndItsSampleHasTheOthers() throws IOException {
    byte[] tar = new ShardMaker().add("a.jpg", "A".repeat(600)).add("a.txt", "small").bytes();
    try (WebDatasetShard shard =
        WebDatasetShard.open(new ByteArrayInputStream(tar), "s.tar", _ -> true, 599)) {
      assertThat(said(items(shard)))
          .containsExactly(
              "a[txt=small]",
              "s.tar, byte 0: a.jpg has 600 bytes; files of more than 599 are not read. It is left out.");
    }
  }

  @Test
  void whatIsNoTarOrEmptyIsSaid() {
    assertThat(said(items(new byte[0]))).containsExactly("s.tar is empty. Get the shard again.");
    assertThat(said(items("no tar at all".repeat(100).getBytes(StandardCharsets.UTF_8))))
        .singleElement()
        .asString()
        .startsWith("s.tar is no tar");
    assertThat(items(new byte[1024])).isEmpty();
  }

  @Test
  void aFileIsReadByItsPathAndClosed() throws IOException {
    Path file = three().write(folder.resolve("three.tar"));
    try (WebDatasetShard shard = WebDatasetShard.open(file)) {
      assertThat(items(shard)).hasSize(3);
    }
    assertThatThrownBy(() -> WebDatasetShard.open(folder.resolve("none.tar")))
        .isInstanceOf(NoSuchFileException.class);
    Files.delete(file);
    boolean[] closed = new boolean[1];
    InputStream in =
        new FilterInputStream(new ByteArrayInputStream(three().bytes())) {
          @Override
          public void close() throws IOException {
            closed[0] = true;
            super.close();
          }
        };
    items(in);
    assertThat(closed[0]).isTrue();
  }

  @Test
  void aDiskThatFailsIsNoFaultOfTheShard() {
    InputStream in =
        new FilterInputStream(InputStream.nullInputStream()) {
          @Override
          public int read(byte[] bytes, int from, int count) throws IOException {
            throw new IOException("Input/output error");
          }
        };
    assertThatThrownBy(() -> WebDatasetShard.open(in, "s.tar")).hasMessage("Input/output error");
  }

  @Test
  void noDamageIsMoreThanFaults() {
    byte[] whole = three().add("././@PaxHeader", 'x', pax("d.jpg")).add("d", "D").bytes();
    Random random = new Random(1);
    for (int round = 0; round < 3000; round++) {
      byte[] tar = Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
      for (int changes = 1 + random.nextInt(8); changes > 0; changes--) {
        tar[random.nextInt(tar.length)] = (byte) random.nextInt();
      }
      assertThat(items(tar)).as("round %d", round).hasSizeLessThan(20);
    }
  }

  private static byte[] pax(String path) {
    String record = "%d path=%s\n".formatted(9 + path.length(), path);
    return record.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aSizeThatNoFileHasIsDamage() {
    byte[] huge = ("28 size=" + Long.MAX_VALUE + "\n").getBytes(StandardCharsets.UTF_8);
    byte[] tar = new ShardMaker().add("x", 'x', huge).add("a.jpg", "A").add("b.jpg", "B").bytes();
    assertThat(said(items(tar)))
        .hasSize(2)
        .endsWith("b[jpg=B]")
        .element(0)
        .asString()
        .contains("is damaged", "a.jpg");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "99999999999 path=c.jpg\n",
        "0 path=c.jpg\n",
        "xx path=c.jpg\n",
        "5000 path=c.jpg\n",
        "path=c.jpg\n"
      })
  void aPaxRecordOfImpossibleLengthIsDamageAndNoNameIsMadeUp(String record) {
    byte[] records = record.getBytes(StandardCharsets.UTF_8);
    byte[] tar =
        new ShardMaker().add("x", 'x', records).add("a.jpg", "A").add("b.jpg", "B").bytes();
    assertThat(said(items(tar)))
        .hasSize(3)
        .endsWith("b[jpg=B]")
        .satisfiesExactly(
            header -> assertThat(header).contains("byte 0", "the header of an entry is damaged"),
            name -> assertThat(name).contains("the name of an entry was lost"),
            _ -> {});
  }

  @Test
  void zerosMayFollowThePaxRecords() {
    byte[] records = Arrays.copyOf(pax("c.jpg"), 40);
    byte[] tar = new ShardMaker().add("x", 'x', records).add("a.jpg", "A").bytes();
    assertThat(said(items(tar))).containsExactly("c[jpg=A]");
  }
}
