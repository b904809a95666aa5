package dev.vignette.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The gathering of licences, which stops the build when one is missing. */
@Timeout(120)
class LicencesTest {

  @TempDir private Path folder;

  private void jar(String name, String... entries) throws IOException {
    Path jars = Files.createDirectories(folder.resolve("jars"));
    try (OutputStream out = Files.newOutputStream(jars.resolve(name));
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String entry : entries) {
        zip.putNextEntry(new ZipEntry(entry));
        zip.write("the text".getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
  }

  private ProgramRun gather() throws IOException, InterruptedException {
    Path cli = ProgramRun.ROOT.resolve("cli");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                cli.resolve("src/build/CollectLicences.java").toString(),
                folder.resolve("jars").toString(),
                cli.resolve("licences/jars.txt").toString(),
                folder.resolve("licences").toString(),
                cli.resolve("licences").toString(),
                ProgramRun.ROOT.resolve("native/licenses").toString())
            .redirectError(folder.resolve("err").toFile())
            .start();
    assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
    return new ProgramRun(process.exitValue(), "", Files.readString(folder.resolve("err")));
  }

  @Test
  void aJarGetsTheTextsThatTheTableNames() throws Exception {
    jar("vignette-llava-0.1.0.jar");
    jar("picocli-4.7.7.jar");
    jar("pytorch-native-cpu-2.7.1-linux-x86_64.jar");
    jar("commons-io-2.16.1.jar", "META-INF/LICENSE.txt", "META-INF/NOTICE.txt", "a/License.class");
    ProgramRun run = gather();
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.readAllLines(folder.resolve("licences/jars.txt")))
        .containsExactly(
            "commons-io-2.16.1.jar: commons-io-2.16.1/LICENSE.txt, commons-io-2.16.1/NOTICE.txt",
            "picocli-4.7.7.jar: Apache-2.0.txt",
            "pytorch-native-cpu-2.7.1-linux-x86_64.jar: Apache-2.0.txt, pytorch.txt, gcc-runtime.txt");
    assertThat(folder.resolve("licences/commons-io-2.16.1/NOTICE.txt")).hasContent("the text");
    assertThat(folder.resolve("licences/gcc-runtime.txt")).isNotEmptyFile();
  }

  @Test
  void aJarWithoutALicenceStopsTheBuild() throws Exception {
    jar("picocli-4.7.7.jar");
    jar("unheard-of-1.0.jar", "META-INF/LICENSE.txt");
    jar("commons-io-2.16.1.jar", "META-INF/MANIFEST.MF");
    ProgramRun run = gather();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .contains("no licence is known of commons-io-2.16.1.jar, unheard-of-1.0.jar")
        .doesNotContain("picocli");
  }
}
