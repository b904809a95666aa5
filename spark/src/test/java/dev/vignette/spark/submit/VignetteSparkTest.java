package dev.vignette.spark.submit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.captions.shards.ShardMaker;
import dev.vignette.spark.CommandLineCaptions;
import dev.vignette.spark.TestSessions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VignetteSparkTest {
  private static final int ENOUGH = 24;

  @TempDir private Path folder;
  private String output = "";

  @BeforeEach
  void begin() {
    TestSessions.local();
    output = folder.resolve("captions").toString();
  }

  /** What a run says, and its exit code before it. */
  private String run(String... arguments) {
    StringWriter said = new StringWriter();
    int code = VignetteSpark.run(new PrintWriter(said), arguments);
    return code + " " + said;
  }

  private List<Row> rows() {
    return TestSessions.local().read().parquet(output).orderBy("key", "error").collectAsList();
  }

  private static Map<String, String> captions(List<Row> rows) {
    Map<String, String> captions = new TreeMap<>();
    rows.stream()
        .filter(row -> row.getAs("caption") != null)
        .forEach(row -> captions.put(row.getAs("key"), row.getAs("caption")));
    return captions;
  }

  private static Map<String, String> errors(List<Row> rows) {
    Map<String, String> errors = new TreeMap<>();
    rows.stream()
        .filter(row -> row.getAs("error") != null)
        .forEach(row -> errors.put(row.getAs("key"), row.getAs("error")));
    return errors;
  }

  private static Map<String, String> first(int count) {
    Map<String, String> first = new TreeMap<>();
    for (Path image : TestSessions.images(count)) {
      String key = image.getFileName().toString().replace(".jpg", "");
      first.put(key, CommandLineCaptions.ofAllByLlava().getOrDefault(key, ""));
    }
    return first;
  }

  @Test
  void whatIsNewOrChangedIsCaptionedAndNothingElse() throws IOException {
    Path images = TestSessions.folder(folder.resolve("images"), ENOUGH);
    Files.writeString(images.resolve("bad.jpg"), "no picture");
    Files.writeString(images.resolve("note.txt"), "no image by its name");
    String[] command = {"--input", images.toString(), "--output", output, "--images-per-task", "7"};

    assertThat(run(command)).startsWith("0 ").contains("24 images, 1 failed");
    assertThat(captions(rows())).isEqualTo(first(ENOUGH));
    assertThat(errors(rows())).containsOnlyKeys("bad");

    assertThat(run(command)).as("again").startsWith("0 ").contains("0 images, 0 failed");
    Path another = TestSessions.images(ENOUGH + 1).getLast();
    Files.copy(another, images.resolve(another.getFileName()));
    Files.copy(another, images.resolve("bad.jpg"), StandardCopyOption.REPLACE_EXISTING);
    assertThat(run(command)).as("one more, one mended").contains("2 images, 0 failed");
    assertThat(captions(rows())).containsAllEntriesOf(first(ENOUGH + 1)).hasSize(ENOUGH + 2);

    String[] shorter = Arrays.copyOf(command, command.length + 2);
    shorter[command.length] = "--max-new-tokens";
    shorter[command.length + 1] = "3";
    assertThat(run(shorter)).as("other settings").contains("26 images");
  }

  @Test
  void noFileWithAnImagesNameIsPassedOver() throws IOException {
    Path images = TestSessions.folder(folder.resolve("images"), 1);
    Path deep = Files.createDirectories(images.resolve("_raw/2026"));
    Files.copy(TestSessions.images(2).getLast(), deep.resolve("_DSC0001.JPG"));
    Files.write(deep.resolve("empty.jpg"), new byte[0]);
    Files.copy(TestSessions.images(3).getLast(), deep.resolve(".hidden.jpg"));
    Files.writeString(deep.resolve("note.txt"), "no image by its name");

    assertThat(run("-i", images.toString(), "-o", output)).startsWith("0 ");

    assertThat(captions(rows())).containsOnlyKeys("000000000001", "_DSC0001");
    assertThat(errors(rows())).containsOnlyKeys("empty");
  }

  @Test
  void aFailedImageIsTriedAgainIfThatIsAskedFor() throws IOException {
    Path images = TestSessions.folder(folder.resolve("images"), 2);
    Files.writeString(images.resolve("bad.jpg"), "no picture");

    assertThat(run("-i", images.toString(), "-o", output)).contains("2 images, 1 failed");
    assertThat(run("-i", images.toString(), "-o", output)).contains("0 images, 0 failed");
    assertThat(run("-i", images.toString(), "-o", output, "--retry-failed"))
        .contains("0 images, 1 failed");
  }

  @Test
  void shardsGiveTheirWholeSamplesAndNameTheRest() throws IOException {
    Path shards = Files.createDirectory(folder.resolve("shards"));
    List<Path> images = TestSessions.images(ENOUGH);
    ShardMaker whole = new ShardMaker();
    ShardMaker damaged = new ShardMaker();
    ShardMaker cut = new ShardMaker();
    for (int i = 0; i < ENOUGH; i++) {
      ShardMaker shard = List.of(whole, damaged, cut).get(i / 8);
      String name = images.get(i).getFileName().toString();
      shard.add(name, Files.readAllBytes(images.get(i)));
      shard.add(name.replace(".jpg", ".json"), "{}");
    }
    whole.add("textonly.json", "{}");
    whole.write(shards.resolve("00000.tar"));
    Files.write(shards.resolve("00000.parquet"), new byte[] {1}); // as img2dataset leaves it
    String broken = images.get(11).getFileName().toString();
    ShardMaker.write(shards.resolve("00001.tar"), damaged.withDamaged(broken));
    String last = images.get(ENOUGH - 1).getFileName().toString();
    byte[] all = cut.bytes();
    ShardMaker.write(
        shards.resolve("00002.tar.gz"),
        ShardMaker.packed(Arrays.copyOf(all, cut.offset(last) + 1000)));

    assertThat(run("-i", shards.toString(), "-o", output)).startsWith("0 ");

    Map<String, String> expected = first(ENOUGH);
    expected.remove(broken.replace(".jpg", ""));
    expected.remove(last.replace(".jpg", ""));
    assertThat(captions(rows())).isEqualTo(expected);
    Map<String, String> errors = errors(rows());
    assertThat(errors.get("textonly")).contains("has no image");
    assertThat(errors.keySet())
        .anySatisfy(key -> assertThat(key).startsWith("00001.tar@"))
        .anySatisfy(key -> assertThat(key).startsWith("00002.tar.gz@"));
    int before = rows().size();
    assertThat(run("-i", shards + "/*.tar*", "-o", output))
        .as("by a glob, and again")
        .contains("0 images, 0 failed");
    assertThat(rows()).hasSize(before);
  }

  @Test
  void parquetOfImg2datasetIsRead() {
    Path images = TestSessions.folder(folder.resolve("images"), ENOUGH);
    String parquet = folder.resolve("laion").toString();
    TestSessions.local()
        .read()
        .format("binaryFile")
        .load(images.toString())
        .selectExpr(
            "content as jpg",
            "regexp_extract(path, '([0-9]+)[.]jpg$', 1) as key",
            "'what the page said' as caption",
            "'success' as status",
            "cast(null as string) as error_message")
        .unionByName(
            TestSessions.local()
                .sql(
                    "select cast(null as binary) as jpg, 'gone' as key, 'text' as caption, 'failed_to_download' as status, 'HTTP Error 404' as error_message"))
        .write()
        .parquet(parquet);

    assertThat(run("-i", parquet, "-o", output)).startsWith("0 ").contains("24 images, 1 failed");

    assertThat(captions(rows())).isEqualTo(first(ENOUGH));
    assertThat(errors(rows())).containsOnlyKeys("gone");
    assertThat(run("-i", parquet, "-o", output)).contains("0 images, 0 failed");
    assertThat(run("-i", parquet, "-o", output + "2", "--image-column", "caption"))
        .startsWith("2 ")
        .contains("'caption' holds string", "--image-column");
  }

  @Test
  void wrongUsageIsASentence() throws IOException {
    assertThat(run("-i", folder.resolve("none").toString(), "-o", output))
        .startsWith("2 ")
        .contains("none", "check the path");
    Path images = TestSessions.folder(folder.resolve("images"), 1);
    TestSessions.folder(images.resolve("more"), 1);
    assertThat(run("-i", images.toString(), "-o", output))
        .startsWith("2 ")
        .contains("a key names one image", "--keys path");
    assertThat(run("-i", images.toString(), "-o", output, "--keys", "path"))
        .startsWith("0 ")
        .contains("2 images");
    assertThat(rows())
        .extracting(row -> row.<String>getAs("key"))
        .containsExactly("000000000001.jpg", "more/000000000001.jpg");
    TestSessions.local().range(3).write().parquet(output + "3");
    assertThat(run("-i", images.toString(), "-o", output + "3"))
        .startsWith("2 ")
        .contains("another kind", "--output");
  }

  @Test
  void aKilledJobWithKryoGoesOnWhereItWas() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
    command.add("-Dvignette.native=" + System.getProperty("vignette.native"));
    command.add("-Dvignette.home=" + TestSessions.root());
    command.addAll(List.of("-Dspark.master=local[2]", "-Dspark.ui.enabled=false"));
    command.addAll(List.of("-Dspark.driver.host=localhost"));
    // As spark-submit starts it, with what Kryo needs.
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    command.add("-Dspark.serializer=" + KryoSerializer.class.getName());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(VignetteSpark.class.getName());
    String[] arguments = {
      "-i", TestSessions.images().toString(), "-o", output, "--images-per-task", "15"
    };
    command.addAll(List.of(arguments));
    Process job =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    while (job.isAlive() && parts() < 3) {
      Thread.sleep(20);
    }
    job.destroyForcibly().waitFor();

    int kept = rows().size();
    assertThat(kept).as("of tasks of about 15").isBetween(30, 299);
    assertThat(run(arguments)).startsWith("0 ").contains(300 - kept + " images, 0 failed");
    assertThat(rows()).hasSize(300);
    assertThat(captions(rows())).isEqualTo(CommandLineCaptions.ofAllByLlava());
  }

  private long parts() throws IOException {
    Path made = Path.of(output);
    if (!Files.isDirectory(made)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(made)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).count();
    }
  }
}
