package dev.vignette.cli.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.hub.HubSettings;
import dev.vignette.hub.TestHub;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ProxySelector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class NamedModelsTest {
  private static final Path NONE = Path.of("none");

  @TempDir Path folder;
  private TestHub hub;
  private byte[] q4;
  private byte[] q8;
  private byte[] projector;
  private String said = "";

  /** What a command sees of its options. */
  @Command(name = "caption")
  static final class Caption implements Callable<Integer> {
    @Option(names = {"-m", "--model"})
    Path model = NONE;

    @Option(names = "--mmproj")
    Path projector = NONE;

    @Option(names = "--clip")
    Path clip = NONE;

    @Override
    public Integer call() {
      return 0;
    }
  }

  /** The same of a training run. */
  @Command(name = "train")
  static final class Train implements Callable<Integer> {
    @Option(names = "--config")
    Path config = NONE;

    @Option(names = "--set")
    List<String> overrides = new ArrayList<>();

    @Override
    public Integer call() {
      return 0;
    }
  }

  @BeforeEach
  void serve() throws IOException {
    hub = new TestHub();
    q4 = GgufCopies.model(GgufCopies.Q4_K_M);
    q8 = GgufCopies.model();
    projector = GgufCopies.projector();
    hub.repository("org/llava")
            .file("README.md", "a card")
            .file("one.gguf", q8)
            .file("two.gguf", q4)
            .file("three.gguf", projector)
            .license =
        "llama2";
    for (String part : List.of("clip", "gpt2", "vit")) {
      TestHub.Repo repo = hub.repository("org/" + part);
      try (var files = Files.list(GgufCopies.ROOT.resolve("models/mini").resolve(part))) {
        for (Path file : files.toList()) {
          repo.file(file.getFileName().toString(), Files.readAllBytes(file));
        }
      }
      repo.file("tf_model.h5", "not wanted");
    }
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private int run(Object command, String... arguments) {
    HubSettings settings =
        new HubSettings(
            hub.endpoint(), Optional.empty(), folder.resolve("hub"), false, ProxySelector.of(null));
    StringWriter err = new StringWriter();
    CommandLine line = new CommandLine(command);
    NamedModels.offerOffline(line);
    line.setExecutionStrategy(new NamedModels(() -> settings, () -> folder.resolve("converted")));
    line.setErr(new PrintWriter(err, true));
    line.setExecutionExceptionHandler((failure, _, _) -> {
      err.write(failure.getMessage());
      return 1;
    });
    int code = line.execute(arguments);
    said = err.toString();
    return code;
  }

  @Test
  void aNameBecomesTheTwoFilesThatCaptionAndNothingElseIsDownloaded() {
    Caption caption = new Caption();

    assertThat(run(caption, "-m", "org/llava")).as(said).isZero();

    assertThat(caption.model).hasFileName("two.gguf").hasBinaryContent(q4);
    assertThat(caption.projector).hasFileName("three.gguf").hasBinaryContent(projector);
    assertThat(said)
        .contains("licence: llama2", "two.gguf", "2.53 MB", "To download: 4.92 MB of 4.92 MB");
    assertThat(hub.sent())
        .as("two files, and the first MiB of three")
        .isEqualTo(q4.length + projector.length + 3L * (1 << 20));
  }

  @Test
  void whatTheCacheHoldsIsUsedAndNobodyIsAsked() {
    assertThat(run(new Caption(), "-m", "org/llava:Q8_0")).as(said).isZero();
    hub.requests.clear();
    Caption again = new Caption();

    assertThat(run(again, "-m", "org/llava")).as(said).isZero();
    assertThat(again.model).hasFileName("one.gguf");
    assertThat(run(again, "-m", "org/llava:q8_0", "--offline")).as(said).isZero();
    assertThat(hub.requests).isEmpty();

    assertThat(run(again, "-m", "org/llava:Q4_K_M", "--offline")).isEqualTo(1);
    assertThat(said).contains("--offline");
    assertThat(hub.requests).isEmpty();
    assertThat(run(again, "-m", "org/llava:Q4_K_M")).as(said).isZero();
    assertThat(again.model).hasFileName("two.gguf");
  }

  @Test
  void aLlavaInSafetensorsIsConvertedOnce() throws IOException {
    Path published = Path.of(System.getProperty("vignette.shared"), "miniworld", "models", "llava");
    assumeTrue(Files.isDirectory(published), published + " is not here");
    TestHub.Repo repo = hub.repository("org/whole");
    try (var files = Files.list(published)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        repo.file(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    Caption caption = new Caption();

    assertThat(run(caption, "-m", "org/whole:F16")).as(said).isZero();

    assertThat(said).contains("Converting org/whole to F16");
    Path place = folder.resolve("converted/org--whole").resolve(repo.commit).resolve("F16");
    assertThat(caption.model).hasParent(place).isRegularFile();
    assertThat(caption.projector).hasParent(place).isRegularFile().isNotEqualTo(caption.model);
    hub.requests.clear();
    assertThat(run(caption, "-m", "org/whole:F16")).as(said).isZero();
    assertThat(hub.requests).isEmpty();
    assertThat(said).isEmpty();
  }

  @Test
  void aPathThatExistsWins() throws IOException {
    Path file = Files.write(folder.resolve("model"), new byte[1]);
    Caption caption = new Caption();

    assertThat(run(caption, "-m", file.toString(), "--mmproj", "org/llava")).as(said).isZero();
    assertThat(caption.model).isEqualTo(file);
    assertThat(caption.projector).hasFileName("three.gguf");
    hub.requests.clear();
    assertThat(run(caption, "-m", "models/gone.gguf", "--mmproj", file.toString())).isZero();
    assertThat(caption.model).isEqualTo(Path.of("models/gone.gguf"));
    assertThat(hub.requests).isEmpty();
  }

  @Test
  void withoutANameNoVariableIsRead() {
    CommandLine line = new CommandLine(new Caption());
    line.setExecutionStrategy(
        new NamedModels(
            () -> {
              throw new AssertionError("read");
            },
            () -> {
              throw new AssertionError("looked for");
            }));

    assertThat(line.execute("-m", folder.toString(), "--clip", folder.toString())).isZero();
  }

  @Test
  void aNameThatIsNoneIsASentence() {
    assertThat(run(new Caption(), "-m", "org/gone")).isEqualTo(1);
    assertThat(said).contains("no repository org/gone");
  }

  @Test
  void clipIsAFolderWithItsTokenizer() {
    Caption caption = new Caption();

    assertThat(run(caption, "--clip", "org/clip")).as(said).isZero();

    assertThat(caption.clip.resolve("model.safetensors")).isRegularFile();
    assertThat(caption.clip.resolve("tokenizer.json")).isRegularFile();
    assertThat(caption.clip.resolve("tf_model.h5")).doesNotExist();
  }

  @Test
  void aTrainingRunGetsTheFoldersThatItsConfigurationNames() throws IOException {
    String yaml =
        Files.readString(GgufCopies.ROOT.resolve("models/mini/train.yaml"))
            .replace("model: vit", "model: org/vit")
            .replace("model: gpt2", "model: org/gpt2@main")
            .replace("clip: clip", "clip: org/clip");
    Path config = Files.writeString(folder.resolve("train.yaml"), yaml);
    Train train = new Train();

    assertThat(run(train, "--config", config.toString(), "--set", "lora.rank=8")).as(said).isZero();

    assertThat(train.overrides).hasSize(4).startsWith("lora.rank=8");
    assertThat(train.overrides.get(1)).matches("encoder\\.model='.*/models--org--vit/.*'");
    assertThat(train.overrides.get(2)).matches("decoder\\.model='.*/models--org--gpt2/.*'");
    assertThat(train.overrides.get(3)).matches("validation\\.clip='.*/models--org--clip/.*'");
    assertThat(said).contains("org/gpt2 at commit");
  }
}
