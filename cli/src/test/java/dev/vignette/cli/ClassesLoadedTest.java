package dev.vignette.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many of our classes one caption needs: who reads the program has as many to enter. */
class ClassesLoadedTest {

  /** Top-level ones, without the generated bindings and the decoders of image formats. */
  private static final int MOST_CLASSES = 111;

  private static final Pattern LOADED = Pattern.compile("\\] (dev\\.vignette\\.[\\w.]+)");
  private static final Pattern APART =
      Pattern.compile(
          ".*\\.llama\\.internal\\.ffi\\..*|.*\\.images\\.(Bmp|Gif|Jpeg|Png|Vp8|Webp).*");

  @TempDir Path folder;

  @Test
  void oneImageWithAnOutputEntersFewClasses() throws Exception {
    Path log = folder.resolve("classes.txt");
    Path output = folder.resolve("captions.json");
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Xlog:class+load:file=" + log,
                "-Dvignette.native=" + System.getProperty("vignette.native"),
                "-Dvignette.home=" + ProgramRun.ROOT,
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "dev.vignette.cli.Vignette",
                "llava",
                "caption",
                ProgramRun.ROOT.resolve("models/mini/data/images/val/000000000015.jpg").toString(),
                "--device",
                "cpu",
                "-o",
                output.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(program.waitFor()).as(said).isZero();
    assertThat(output).isNotEmptyFile();
    assertThat(topLevel(log)).hasSizeBetween(50, MOST_CLASSES);
  }

  private static Set<String> topLevel(Path log) throws Exception {
    Set<String> names = new TreeSet<>();
    try (Stream<String> lines = Files.lines(log)) {
      lines
          .map(LOADED::matcher)
          .filter(Matcher::find)
          .map(line -> line.group(1))
          .filter(name -> !APART.matcher(name).matches())
          .forEach(names::add);
    }
    return names;
  }
}
