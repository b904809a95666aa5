package dev.vignette.captions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.captions.shards.ShardMaker;
import dev.vignette.files.faults.MalformedDataException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** References as data sets have them; the content says which form it is. */
class AnnotationFormsTest {
  private static final String KARPATHY =
      """
      {"images": [
        {"filepath": "val2014", "sentids": [770337, 771687], "filename": "COCO_val2014_000000391895.jpg",
         "imgid": 0, "split": "test", "cocoid": 391895, "sentences": [
          {"tokens": ["a", "man"], "raw": "A man with a red helmet.", "imgid": 0, "sentid": 770337},
          {"tokens": ["man"], "raw": "Man riding.", "imgid": 0, "sentid": 771687}]},
        {"filepath": "train2014", "filename": "COCO_train2014_000000000009.jpg", "imgid": 1,
         "split": "restval", "cocoid": 9, "sentences": [{"raw": "A meal."}]},
        {"filename": "1000092795.jpg", "imgid": 2, "split": "val", "sentences": [{"raw": "Two men."}]}],
       "dataset": "coco"}
      """;

  @TempDir Path folder;

  private CocoCaptions read(String text, String... splits) {
    try {
      Path file = Files.writeString(folder.resolve("references"), text);
      Path packed = folder.resolve("packed");
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
        out.write(text.getBytes(StandardCharsets.UTF_8));
      }
      CocoCaptions read = CocoCaptions.read(file, List.of(splits));
      assertThat(CocoCaptions.read(packed, List.of(splits))).isEqualTo(read);
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> captions(CocoCaptions all, String id) {
    return all.image(id).orElseThrow().captions();
  }

  @Test
  void karpathysDataSetHasItsSentencesAndSplits() {
    CocoCaptions all = read(KARPATHY);
    assertThat(all.byId().keySet()).containsExactly("391895", "9", "1000092795.jpg");
    assertThat(captions(all, "391895")).containsExactly("A man with a red helmet.", "Man riding.");
    assertThat(all.image(391895).orElseThrow().fileName())
        .isEqualTo("val2014/COCO_val2014_000000391895.jpg");
    assertThat(all.image(391895).orElseThrow().stem()).isEqualTo("COCO_val2014_000000391895");
    assertThat(captions(all, "1000092795.jpg")).containsExactly("Two men.");
    assertThat(read(KARPATHY, "test").byId().keySet()).containsExactly("391895");
    assertThat(read(KARPATHY, "val", "restval").byId().keySet())
        .containsExactly("9", "1000092795.jpg");
    assertThatThrownBy(() -> read(KARPATHY, "tset"))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContainingAll("\"tset\"", "restval, test, val");
  }

  @Test
  void anImageOfKarpathysWithoutCocoidIsCalledByItsFile() {
    CocoCaptions all =
        read(
            """
            {"images": [{"filepath": "x", "filename": "1.jpg", "imgid": 7, "sentences": [{"raw": "A."}]},
                        {"filename": "2.jpg", "sentences": [{"raw": "B."}]}]}
            """);
    assertThat(all.byId().keySet()).containsExactly("x/1.jpg", "2.jpg");
  }

  @Test
  void aFileOfSeveralSplitsIsRefusedWhereNoneCanBeChosen() throws IOException {
    Path file = Files.writeString(folder.resolve("dataset_coco.json"), KARPATHY);
    assertThatThrownBy(() -> CocoCaptions.read(file))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContainingAll("restval, test, val", "the images of one split");
    Path table = folder.resolve("table.csv");
    Files.writeString(table, "file,split,text\na.jpg,train,x\nb.jpg,val,y\n");
    assertThatThrownBy(() -> CocoCaptions.read(table)).hasMessageContaining("train, val");
    Files.writeString(table, "file,split,text\na.jpg,val,x\nb.jpg,val,y\n");
    assertThat(CocoCaptions.read(table).images()).hasSize(2);
  }

  @Test
  void domainsGoTogether() throws IOException {
    Path file = folder.resolve("nocaps.json");
    Files.writeString(
        file,
        """
        {"images": [{"id": 0, "file_name": "0.jpg", "domain": "in-domain"},
                    {"id": 1, "file_name": "1.jpg", "domain": "out-domain"}],
         "annotations": [{"image_id": 0, "caption": "A baby."}]}
        """);
    assertThat(CocoCaptions.read(file).images()).hasSize(2);
  }

  @Test
  void aLineOfMetadataWithTwoMembersOfCaptionsIsRefused() {
    assertThatThrownBy(() -> read("{\"file_name\": \"a\", \"text\": \"x\", \"caption\": \"x\"}"))
        .hasMessageContaining("both \"text\" and \"caption\"");
    assertThatThrownBy(() ->
            read(
                """
                {"file_name": "a", "text": "x"}
                {"captions": ["x"], "text": "x", "file_name": "b"}
                """))
        .hasMessageContainingAll("line 2", "both \"captions\" and \"text\"");
    assertThatThrownBy(() -> read("{\"captions\": [\"x\"], \"file_name\": \"a\", \"text\": \"x\"}"))
        .hasMessageContaining("in both");
  }

  @Test
  void noCapsIsReadLikeCocoAndByDomain() {
    String json =
        """
        {"images": [{"id": 0, "file_name": "0013ea2087020901.jpg", "domain": "in-domain", "license": 1},
                    {"id": 1, "file_name": "0015c5578b3dbbb6.jpg", "domain": "out-domain"}],
         "annotations": [{"image_id": 0, "id": 0, "caption": "A baby."},
                         {"image_id": 1, "id": 1, "caption": "A tool."}]}
        """;
    assertThat(read(json).images()).hasSize(2);
    CocoCaptions some = read(json, "out-domain");
    assertThat(some.images()).hasSize(1);
    assertThat(captions(some, "1")).containsExactly("A tool.");
  }

  @Test
  void metadataOfAnImageFolderHasTextsUnderAnyOfTheirNames() {
    CocoCaptions all =
        read(
            """
            {"file_name": "a/1.png", "text": "One."}
            {"captions": ["Two.", "Twice."], "file_name": "2.png", "width": 3}
            {"file_name": "3.png", "caption": "Three.", "objects": {"bbox": [[1, 2]]}}
            """);
    assertThat(all.byId().keySet()).containsExactly("a/1.png", "2.png", "3.png");
    assertThat(captions(all, "2.png")).containsExactly("Two.", "Twice.");
    assertThat(all.byStem().keySet()).containsExactly("1", "2", "3");
    assertThat(captions(read("{\"captions\": [\"x\"], \"file_name\": \"1.png\"}"), "1.png"))
        .containsExactly("x");
    assertThatThrownBy(() -> read("{\"file_name\": \"a\", \"text\": \"x\"}\n{\"text\": \"y\"}\n"))
        .hasMessageContainingAll("line 2", "no \"file_name\"");
    assertThatThrownBy(() -> read("{\"file_name\": \"a.jpg\", \"label\": 1}"))
        .hasMessageContaining("no \"text\"");
  }

  @Test
  void flickrsTableIsReadWithTheLineThatLacksABar() {
    CocoCaptions all =
        read(
            """
            image_name| comment_number| comment
            1000092795.jpg| 0| Two young guys with shaggy hair , "look" at their hands .
            1000092795.jpg| 1| Two young , White males .
            2199200615.jpg| 4   A dog runs across the grass .
            """);
    assertThat(captions(all, "1000092795.jpg"))
        .containsExactly(
            "Two young guys with shaggy hair , \"look\" at their hands .",
            "Two young , White males .");
    assertThat(captions(all, "2199200615.jpg")).containsExactly("A dog runs across the grass .");
  }

  @Test
  void flickrsTokenFileIsRead() {
    CocoCaptions all =
        read(
            "1000.jpg#0\tA child in a pink dress .\r\n1000.jpg#1\tA girl .\r\n2258277193_586949ec62.jpg.1#0\tpeople\r\n");
    assertThat(captions(all, "1000.jpg")).containsExactly("A child in a pink dress .", "A girl .");
    assertThat(all.images()).hasSize(2);
    assertThatThrownBy(() -> read("1000.jpg#0\tA child\nno caption\n"))
        .hasMessageContainingAll("line 2", "no caption");
  }

  @Test
  void aTableByCommasKeepsCommasAndLineEndsInQuotationMarks() {
    CocoCaptions all =
        read("image,caption\na.jpg,\"A child, \"\"pink\"\",\nand a dog\"\na.jpg,Two\n\nb.jpg,x\n");
    assertThat(captions(all, "a.jpg")).containsExactly("A child, \"pink\",\nand a dog", "Two");
    assertThatThrownBy(() -> read("image,caption\na.jpg,\"x\ny\"\nb.jpg,one, two\n"))
        .hasMessageContainingAll("line 4", "2 fields");
    assertThat(captions(read("text;width;file_name\nA cat;3;c.png\n"), "c.png"))
        .containsExactly("A cat");
  }

  @Test
  void aQuotationMarkThatIsNotClosedIsRefusedAtTheLineWhereItOpens() {
    assertThatThrownBy(() ->
            read("image\tcaption\na.jpg\tA cat\nb.jpg\t\"A dog runs\nc.jpg\tA man\nd.jpg\tA boy\n"))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContainingAll("line 3", "closed nowhere", "A dog runs");
  }

  @Test
  void whatStandsAfterAClosingQuotationMarkIsRefused() {
    assertThatThrownBy(() -> read("image,caption\na.jpg,x\nx.jpg,\"Hi\" he says\n"))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContainingAll("line 3", "he says");
    CocoCaptions all = read("caption,image\r\n\"\"\"Hi\"\" he says\" ,x.jpg\r\n\"\",\"y.jpg\"\r\n");
    assertThat(captions(all, "x.jpg")).containsExactly("\"Hi\" he says");
    assertThat(captions(all, "y.jpg")).containsExactly("");
  }

  @Test
  void aJsonListInATableIsItsCaptionsAndTheSplitIsChosen() {
    String table =
        """
        raw,sentids,split,filename,img_id
        "[""Two men, outside."", ""Two \\""guys\\"" sit.""]","[0, 1]",train,1.jpg,0
        "[""A dog.""]","[2]",test,2.jpg,1
        """;
    CocoCaptions all = read(table);
    assertThat(captions(all, "1.jpg")).containsExactly("Two men, outside.", "Two \"guys\" sit.");
    assertThat(read(table, "test").byId().keySet()).containsExactly("2.jpg");
    assertThatThrownBy(() -> read(table, "val")).hasMessageContaining("test, train");
    for (String list : List.of("['A dog.']", "[1]", "[\"A\"] [\"B\"]")) {
      assertThatThrownBy(() -> read("image|raw\na.jpg|x\nb.jpg|" + list + "\n"))
          .hasMessageContainingAll("line 3", "a JSON list of texts", list);
    }
  }

  @Test
  void whatIsNoneOfTheFormsIsRefusedWithAllOfThem() {
    for (String text : List.of("hello\n", "a,b\n1,2\n", "<xml/>")) {
      assertThatThrownBy(() -> read(text))
          .isInstanceOf(MalformedDataException.class)
          .hasMessageContainingAll(
              "none of the forms", "Karpathy", "metadata.jsonl", "results.csv", "It begins with");
    }
  }

  @Test
  void aSplitOfAFileThatKnowsNoneIsRefused() {
    assertThatThrownBy(() -> read("{\"a\": [\"x\"]}", "test"))
        .hasMessageContaining("does not say of which split");
    assertThatThrownBy(() -> read("image,caption\na.jpg,x\n", "test"))
        .hasMessageContaining("does not say of which split");
  }

  @Test
  void aShardsJsonHasItsReferencesWhereThereIsNoText() throws IOException {
    Path file =
        new ShardMaker()
            .add("1.jpg", "pixels")
            .add("1.txt", "A cat.")
            .add("1.json", "{\"caption\": \"another\"}")
            .add("2.json", "{\"url\": \"u\", \"width\": 3, \"text\": \"A dog.\", \"exif\": {}}")
            .add("3.json", "{\"captions\": [\"A bird.\", 1, \" A small bird. \"]}")
            .add("4.json", "{\"caption\": null, \"error_message\": \"gone\"}")
            .add("5.json", "[\"no object\"]")
            .write(folder.resolve("0.tar"));

    CocoCaptions all = CocoCaptions.read(file);

    assertThat(captions(all, "1")).containsExactly("A cat.");
    assertThat(captions(all, "2")).containsExactly("A dog.");
    assertThat(captions(all, "3")).containsExactly("A bird.", "A small bird.");
    assertThat(captions(all, "4")).isEmpty();
    assertThat(captions(all, "5")).isEmpty();
    Path torn = new ShardMaker().add("6.json", "{\"caption\": ").write(folder.resolve("1.tar"));
    assertThatThrownBy(() -> CocoCaptions.read(torn))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContainingAll("1.tar:6.json", "cut short");
    assertThatThrownBy(() -> CocoCaptions.read(folder))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContainingAll("is a folder", "tar --concatenate");
  }

  @Test
  void aShardsTextsAreItsReferences() throws IOException {
    ShardMaker shard =
        new ShardMaker()
            .add("val/1.jpg", "pixels")
            .add("val/1.txt", "A cat.\n\n A small cat. \n")
            .add("2.png", "pixels")
            .add("3.txt", "No picture.");
    for (byte[] bytes : List.of(shard.bytes(), ShardMaker.packed(shard.bytes()))) {
      CocoCaptions all = CocoCaptions.read(ShardMaker.write(folder.resolve("s"), bytes));
      assertThat(all.byId().keySet()).containsExactly("val/1", "2", "3");
      assertThat(captions(all, "val/1")).containsExactly("A cat.", "A small cat.");
      assertThat(all.image("val/1").orElseThrow().fileName()).isEqualTo("val/1.jpg");
      assertThat(captions(all, "2")).isEmpty();
    }
    Path damaged = ShardMaker.write(folder.resolve("d.tar"), shard.withDamaged("2.png"));
    assertThatThrownBy(() -> CocoCaptions.read(damaged))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining("the header of an entry is damaged");
    Path whole = ShardMaker.write(folder.resolve("w.tar"), shard.bytes());
    assertThatThrownBy(() -> CocoCaptions.read(whole, List.of("test")))
        .isInstanceOf(MalformedDataException.class);
  }

  @Test
  void aPipeIsRefusedBeforeItsBeginningIsLost() {
    Path device = Path.of("/dev/null");
    assumeTrue(Files.exists(device) && !Files.isRegularFile(device), "there is no device here");
    assertThatThrownBy(() -> CocoCaptions.read(device))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining("/dev/null is a pipe or a device")
        .hasMessageContaining("Name a regular file");
  }
}
