package dev.vignette.captions.shards;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.captions.shards.WebDatasetShard.Fault;
import dev.vignette.captions.shards.WebDatasetShard.Item;
import dev.vignette.captions.shards.WebDatasetShard.Sample;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shards that are written again with captions in them. */
class CaptionedShardTest {
  private static final String LONG = "a-long-folder/".repeat(12) + "k";

  @TempDir Path folder;

  private byte[] written(byte[] shard, String extension, Map<String, String> captions)
      throws IOException {
    Path file = ShardMaker.write(folder.resolve("s.tar"), shard);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CaptionedShard.write(file, out, extension, key -> Optional.ofNullable(captions.get(key)));
    return out.toByteArray();
  }

  private static List<String> said(byte[] shard) throws IOException {
    List<String> said = new ArrayList<>();
    try (WebDatasetShard reading =
        WebDatasetShard.open(new ByteArrayInputStream(shard), "again.tar")) {
      for (Optional<Item> item = reading.next(); item.isPresent(); item = reading.next()) {
        switch (item.get()) {
          case Fault fault -> said.add(fault.message());
          case Sample sample ->
              sample
                  .parts()
                  .forEach((extension, part) ->
                      said.add(
                          part.name()
                              + "="
                              + new String(part.bytes().orElseThrow(), StandardCharsets.UTF_8)));
        }
      }
    }
    return said;
  }

  @Test
  void captionsComeLastOrInThePlaceOfTexts() throws IOException {
    byte[] shard =
        new ShardMaker()
            .add("./v/a.jpg", "A".repeat(513))
            .add("./v/a.txt", "old")
            .add("./v/a.json", "{}")
            .add("link.jpg", '2', new byte[0])
            .add("b.jpg", "B")
            .add("c.jpg", "C")
            .add("c.txt", "kept")
            .bytes();
    byte[] again = written(shard, "txt", Map.of("v/a", "Ein Wörtchen.", "b", ""));
    // WebDataset groups files by their names as the tar has them.
    assertThat(new String(again, StandardCharsets.ISO_8859_1)).contains("./v/a.txt\0");
    assertThat(said(again))
        .containsExactly(
            "v/a.jpg=" + "A".repeat(513),
            "v/a.json={}",
            "v/a.txt=Ein Wörtchen.",
            "b.jpg=B",
            "b.txt=",
            "c.jpg=C",
            "c.txt=kept");
    assertThat(again).hasSizeGreaterThan(1024).endsWith(new byte[1024]);
    assertThat(said(written(shard, "caption", Map.of("c", "New."))))
        .endsWith("c.jpg=C", "c.txt=kept", "c.caption=New.");
  }

  @Test
  void namesOfAnyLengthAndPackedShardsStayAsTheyAre() throws IOException {
    byte[] shard =
        new ShardMaker()
            .add("././@LongLink", 'L', (LONG + ".jpg").getBytes(StandardCharsets.UTF_8))
            .add(LONG.substring(0, 99), "L")
            .bytes();
    byte[] again = written(ShardMaker.packed(shard), "txt", Map.of(LONG, "Long."));
    assertThat(again).startsWith(0x1F, 0x8B);
    assertThat(said(again)).containsExactly(LONG + ".jpg=L", LONG + ".txt=Long.");
  }

  @Test
  void aPaxLengthCountsItsOwnDigits() throws IOException {
    for (int letters = 97; letters < 1010; letters++) {
      String key = "k".repeat(letters);
      byte[] header = TarHeader.ofFile(key + ".txt", 0);
      assertThat(said(Arrays.copyOf(header, header.length + 1024)))
          .as("%d letters", letters)
          .containsExactly(key + ".txt=");
    }
  }

  @Test
  void whatIsDamagedIsLeftOut() throws IOException {
    ShardMaker maker =
        new ShardMaker().add("a.jpg", "A").add("b.jpg", "B").add("b.json", "{}").add("c.jpg", "C");
    Map<String, String> captions = Map.of("a", "1", "b", "2", "c", "3");
    assertThat(said(written(maker.withDamaged("b.jpg"), "txt", captions)))
        .containsExactly("a.jpg=A", "a.txt=1", "b.json={}", "b.txt=2", "c.jpg=C", "c.txt=3");
    byte[] cut = Arrays.copyOf(maker.bytes(), maker.offset("c.jpg") + 512);
    assertThat(said(written(cut, "txt", captions)))
        .containsExactly("a.jpg=A", "a.txt=1", "b.jpg=B", "b.json={}", "b.txt=2");
  }
}
