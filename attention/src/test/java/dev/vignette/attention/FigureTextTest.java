package dev.vignette.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.vignette.captions.run.UsageException;
import java.awt.Font;
import java.awt.font.TextLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FigureTextTest {
  /** Run in a JVM of its own, since one that found fonts keeps them. */
  static final class Required {
    private Required() {}

    @SuppressWarnings("SystemOut") // what the parent process reads
    public static void main(String[] arguments) {
      try {
        FigureText.require();
        System.out.println("text can be drawn");
      } catch (UsageException refused) {
        System.out.println(refused.getMessage());
      }
    }
  }

  @TempDir private Path folder;

  @Test
  void thisMachineDrawsText() {
    assertThatCode(FigureText::require).doesNotThrowAnyException();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aMachineWithoutFontsIsToldWhatToInstall() throws Exception {
    assertThat(runWithoutFonts())
        .contains("Text cannot be drawn")
        .contains("fontconfig")
        .contains("fonts-dejavu-core");
  }

  @Test
  void linesAreNoWiderThanAsked() {
    List<TextLayout> lines =
        FigureText.lines("a giraffe in the snow ".repeat(9), FigureText.font(Font.PLAIN, 20), 300);

    assertThat(lines).hasSizeGreaterThan(4);
    assertThat(lines).allSatisfy(line -> assertThat(line.getVisibleAdvance()).isLessThan(300));
    assertThat(FigureText.lines("  ", FigureText.font(Font.PLAIN, 20), 300)).isEmpty();
  }

  private String runWithoutFonts() throws IOException, InterruptedException {
    Path configuration = folder.resolve("fonts.conf");
    Files.writeString(
        configuration,
        "<?xml version=\"1.0\"?><fontconfig><dir>%s</dir><cachedir>%s</cachedir></fontconfig>"
            .formatted(folder, folder));
    Path output = folder.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djava.awt.headless=true",
            "-Duser.home=" + folder,
            "-cp",
            System.getProperty("java.class.path"),
            Required.class.getName());
    builder.environment().put("FONTCONFIG_FILE", configuration.toString());
    Process java = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    assertThat(java.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return Files.readString(output);
  }
}
