package dev.vignette.cli.attend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.cli.ProgramRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The {@code attend} commands of both captioners. */
class AttendTest {
  private static final Path DATA = ProgramRun.ROOT.resolve("models/mini/data");
  private static final String IMAGE = DATA.resolve("images/val/000000000015.jpg").toString();
  private static final String ADAPTER =
      ProgramRun.ROOT.resolve("models/mini/runs/rank16/best").toString();

  @TempDir private Path folder;

  private ProgramRun attend(String captioner, String... more) {
    List<String> words =
        new ArrayList<>(List.of(captioner, "attend", IMAGE, "-o", folder.resolve("o").toString()));
    words.addAll(List.of(more));
    return ProgramRun.of(words.toArray(String[]::new));
  }

  private JsonNode numbers() throws Exception {
    return new ObjectMapper().readTree(Files.readString(folder.resolve("o/attention.json")));
  }

  @Test
  void llavaTellsWhatItsWordsLookedAt() throws Exception {
    ProgramRun run = attend("llava");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("A bird flying above a penguin on the grass.");
    assertThat(folder.resolve("o/index.html")).exists();
    assertThat(folder.resolve("o/figure.png")).exists();
    assertThat(folder.resolve("o/panels/02-bird.png")).exists();
    assertThat(numbers().required("caption").asString())
        .isEqualTo("A bird flying above a penguin on the grass.");
  }

  @Test
  void aCaptionThatIsGivenIsReadAndContrastComparesTwoInstructions() throws Exception {
    ProgramRun run = attend("llava", "--caption", "A penguin under a bird.", "--view", "contrast");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("A penguin under a bird.");
    assertThat(folder.resolve("o/panels/02-penguin.png")).exists();
  }

  @Test
  void aCaptionThatIsGivenIsReadToItsEndAndSaysWhichOptionsDoNothing() {
    List<String> options = List.of("--caption", "a bird", "--stop", "bird", "--num-beams", "4");
    List<String> ofAdapter = new ArrayList<>(options);
    ofAdapter.addAll(List.of("--adapter", ADAPTER));
    for (ProgramRun run :
        List.of(
            attend("llava", options.toArray(String[]::new)),
            attend("captioner", ofAdapter.toArray(String[]::new)))) {
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.out()).startsWith("a bird\n");
      assertThat(run.err()).contains("note: with --caption --num-beams, --stop do nothing");
    }
  }

  @Test
  void theCaptionerTellsWhatItsWordsLookedAt() throws Exception {
    ProgramRun run = attend("captioner", "--adapter", ADAPTER, "--layers", "1-2", "--heads", "all");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(numbers().required("layers").size()).isEqualTo(2);
    assertThat(numbers().required("heads").size()).isEqualTo(5);
  }

  @Test
  void aFolderOfSomebodyElsesIsRefusedBeforeTheModelIsLoaded() throws Exception {
    Path site = Files.createDirectory(folder.resolve("site"));
    Files.writeString(site.resolve("index.html"), "my homepage");
    List<List<String>> commands =
        List.of(
            List.of("llava", "attend", IMAGE, "-m", "nowhere.gguf", "--mmproj", "nowhere.gguf"),
            List.of("captioner", "attend", IMAGE, "--adapter", "nowhere"));
    for (List<String> command : commands) {
      List<String> words = new ArrayList<>(command);
      words.addAll(List.of("-o", site.toString()));
      ProgramRun run = ProgramRun.of(words.toArray(String[]::new));
      assertThat(run.code()).as(run.err()).isEqualTo(2);
      assertThat(run.err()).contains("would lose index.html", "choose a new or empty folder");
      assertThat(site.resolve("index.html")).hasContent("my homepage");
    }
  }

  @Test
  void whatCannotBeTracedIsRefusedWithTheRule() {
    assertThat(attend("llava", "--num-beams", "3"))
        .satisfies(run -> assertThat(run.code()).isEqualTo(2))
        .satisfies(run -> assertThat(run.err()).contains("num_beams is 1", "--caption"));
    assertThat(attend("llava", "--layers", "3"))
        .satisfies(run -> assertThat(run.code()).isEqualTo(2))
        .satisfies(run -> assertThat(run.err()).contains("layers 0 to 2"));
    assertThat(attend("llava", "--layers", "5-2").err()).contains("goes up");
    assertThat(attend("llava", "--heads", "most").err()).contains("mean, all");
    assertThat(attend("llava", "--view", "pretty").err()).contains("raw, relative, contrast");
    assertThat(attend("captioner", "--adapter", ADAPTER, "--view", "contrast").err())
        .contains("takes none");
    assertThat(folder.resolve("o")).doesNotExist();
  }

  @Test
  void nounsOfBothCaptionersAreMeasuredAgainstBoxes() {
    String[] data = {
      "--boxes=" + DATA.resolve("val_boxes.json"),
      "--annotations=" + DATA.resolve("val.json"),
      "--images=" + DATA.resolve("images/val"),
      "--limit=24"
    };
    ProgramRun llava = evaluate(data);
    assertThat(llava.code()).as(llava.err()).isZero();
    assertThat(llava.out()).contains("Nouns look at what they name", "--layers 1 --heads 0");
    ProgramRun captioner =
        evaluate(data[0], data[1], data[2], data[3], "--adapter=" + ADAPTER, "--json=" + json());
    assertThat(captioner.code()).as(captioner.err()).isZero();
    assertThat(captioner.out()).contains("uniform map");
    assertThat(json()).content().contains("overUniform");
    String[] wrong = {"--boxes=" + DATA.resolve("val.json"), data[1], data[2], "--json=" + json()};
    assertThat(evaluate(wrong).err()).doesNotContain("would replace");
  }

  @Test
  void figuresDoNotReplaceSomebodysFile() throws Exception {
    Path notes = Files.writeString(json(), "{\"choices\": \"mine\"}");
    ProgramRun run =
        evaluate(
            "--boxes=" + DATA.resolve("val_boxes.json"),
            "--annotations=" + DATA.resolve("val.json"),
            "--images=" + DATA.resolve("images/val"),
            "--json=" + notes);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--json would replace " + notes + ", which this program did");
    assertThat(notes).hasContent("{\"choices\": \"mine\"}");
  }

  private Path json() {
    return folder.resolve("figures.json");
  }

  private static ProgramRun evaluate(String... more) {
    List<String> words = new ArrayList<>(List.of("attend", "evaluate"));
    words.addAll(List.of(more));
    return ProgramRun.of(words.toArray(String[]::new));
  }

  @Test
  void figuresAreNotWrittenOverTheInstructionThatIsRead() throws Exception {
    Path prompt = Files.writeString(folder.resolve("prompt.txt"), "Describe this image.");
    ProgramRun run =
        evaluate(
            "--boxes=" + DATA.resolve("val_boxes.json"),
            "--annotations=" + DATA.resolve("val.json"),
            "--images=" + DATA.resolve("images/val"),
            "--prompt-file=" + prompt,
            "--json=" + prompt);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--json", "prompt.txt");
    assertThat(prompt).hasContent("Describe this image.");
  }

  @Test
  void boxesThatFitNoImageAreRefused() throws Exception {
    Path boxes = Files.writeString(folder.resolve("boxes.json"), "{\"other\": []}");
    ProgramRun run =
        evaluate(
            "--boxes=" + boxes,
            "--annotations=" + DATA.resolve("val.json"),
            "--images=" + DATA.resolve("images/val"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("by file stem");
  }
}
