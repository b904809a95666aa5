package dev.vignette.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.hub.TestHub;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in processes of its own, on a machine that has no model yet. */
class PullProgramTest {
  private static final Path ROOT = GgufCopies.ROOT;
  private static final String IMAGE =
      ROOT.resolve("models/mini/data/images/val/000000000001.jpg").toString();

  @TempDir Path folder;

  private record Run(int code, String out, String err) {}

  private Run run(TestHub hub, String... arguments) throws Exception {
    return run(hub, Map.of(), arguments);
  }

  private Run run(TestHub hub, Map<String, String> more, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Dvignette.native=" + System.getProperty("vignette.native"),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "dev.vignette.cli.Vignette"));
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile(folder, "out", ".txt");
    Path err = Files.createTempFile(folder, "err", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.toUpperCase(Locale.ROOT).endsWith("PROXY"));
    environment.put("HF_ENDPOINT", hub.endpoint().toString());
    environment.put("HF_HOME", folder.resolve("hf").toString());
    environment.put("XDG_CACHE_HOME", folder.resolve("caches").toString());
    environment.remove("HF_HUB_CACHE");
    environment.putAll(more);
    int code = builder.start().waitFor();
    return new Run(code, Files.readString(out), Files.readString(err));
  }

  /** The caption is transformers' (golden.json beside the model); it ends with its turn. */
  @Test
  void oneCommandPullsConvertsAndCaptionsAJoyCaption() throws Exception {
    try (TestHub hub = new TestHub()) {
      TestHub.Repo repo = hub.repository("org/joycaption");
      Path published = ROOT.resolve("llava/src/test/resources/dev/vignette/llava/joycaption/model");
      try (Stream<Path> files = Files.list(published)) {
        for (Path file : files.toList()) {
          repo.file(file.getFileName().toString(), Files.readAllBytes(file));
        }
      }

      Run caption =
          run(
              hub,
              "llava",
              "caption",
              "--device",
              "cpu",
              "-m",
              "org/joycaption:F16",
              "--prompt",
              "Write a short caption for this image.",
              ROOT.resolve("models/mini/data/images/val/000000000003.jpg").toString());

      assertThat(caption.code()).as(caption.err()).isZero();
      assertThat(caption.out()).isEqualToIgnoringNewLines("W*");
      assertThat(caption.err()).contains("Converting org/joycaption to F16");
    }
  }

  @Test
  void oneCommandGoesFromANameToACaption() throws Exception {
    try (TestHub hub = new TestHub()) {
      hub.repository("org/mini")
          .file("language.gguf", GgufCopies.model())
          .file("eyes.gguf", GgufCopies.projector());

      Run caption = run(hub, "llava", "caption", "--device", "cpu", IMAGE, "-m", "org/mini");
      assertThat(caption.code()).as(caption.err()).isZero();
      assertThat(caption.out()).isEqualToIgnoringNewLines("A truck parked at night.");
      assertThat(caption.err()).contains("org/mini at commit", "To download: 4.92 MB");

      hub.requests.clear();
      Run pulled = run(hub, "pull", "org/mini");
      assertThat(pulled.code()).as(pulled.err()).isZero();
      assertThat(Path.of(pulled.out().strip()).resolve("eyes.gguf")).isRegularFile();
      assertThat(pulled.err()).contains("Nothing to download");

      hub.requests.clear();
      Run offline = run(hub, Map.of("HF_HUB_OFFLINE", "1"), "pull", "org/mini");
      assertThat(offline.code()).as(offline.err()).isZero();
      assertThat(offline.out()).isEqualTo(pulled.out());
      assertThat(offline.err()).contains("The network is not asked");
      for (String[] lacking :
          new String[][] {
            {"org/mini", "other.gguf"}, {"org/mini", "*.json"}, {"org/mini", "--all"}, {"org/none"}
          }) {
        List<String> words = new ArrayList<>(List.of("pull"));
        words.addAll(List.of(lacking));
        Run refused = run(hub, Map.of("HF_HUB_OFFLINE", "1"), words.toArray(String[]::new));
        assertThat(refused.code()).as(refused.err()).isEqualTo(1);
        assertThat(refused.err()).contains("The network is not asked", lacking[0]);
        assertThat(refused.out()).isEmpty();
      }
      assertThat(hub.requests).isEmpty();

      Run gone = run(hub, "pull", "org/gone");
      assertThat(gone.code()).isEqualTo(1);
      assertThat(gone.err()).contains("no repository org/gone").doesNotContain("\tat ");

      Run models = run(hub, "models");
      assertThat(models.out()).contains("org/mini").contains("4.92 MB").contains("main ");

      assertThat(run(hub, "models", "remove", "org/mini").code()).isZero();
      assertThat(folder.resolve("hf/hub/models--org--mini")).doesNotExist();
      Run again = run(hub, "models", "remove", "org/mini");
      assertThat(again.code()).isEqualTo(1);
      assertThat(again.err()).contains("has no org/mini");
    }
  }
}
