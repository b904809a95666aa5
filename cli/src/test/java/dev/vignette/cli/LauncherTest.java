package dev.vignette.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher and the program in a process of their own, as a shell starts them. */
@Timeout(120)
class LauncherTest {
  private static final Path IMAGE =
      ProgramRun.ROOT.resolve("models/mini/data/images/val/000000000001.jpg");

  /** What "A truck parked at night." begins with. */
  private static final int FIRST_TOKEN = 266;

  @TempDir private static Path home;
  @TempDir private Path folder;

  /** A distribution as cli/assemble.sh makes it, of this build's classes. */
  @BeforeAll
  static void assemble() throws IOException {
    Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(home.resolve("lib"));
    Files.copy(ProgramRun.ROOT.resolve("cli/src/main/dist/vignette"), home.resolve("bin/vignette"));
    Files.writeString(home.resolve("lib/java-home"), System.getProperty("java.home") + "\n");
    Files.createSymbolicLink(home.resolve("models"), ProgramRun.ROOT.resolve("models"));
    Files.createSymbolicLink(
        home.resolve("native"), Path.of(System.getProperty("vignette.native")));
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Class-Path", classPath());
    try (OutputStream out = Files.newOutputStream(home.resolve("lib/vignette.jar"))) {
      new JarOutputStream(out, manifest).close();
    }
  }

  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toUri().toString())
        .collect(Collectors.joining(" "));
  }

  /**
   * Runs a script of bash in the folder.
   *
   * @param script {@code $V} is the launcher, {@code $I} an image
   */
  private ProgramRun bash(String script) throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("script.sh"), script);
    Path out = folder.resolve("script.out");
    Path err = folder.resolve("script.err");
    ProcessBuilder builder = new ProcessBuilder("bash", file.toString());
    builder.environment().put("V", home.resolve("bin/vignette").toString());
    builder.environment().put("I", IMAGE.toString());
    builder.environment().remove("JAVA_HOME");
    Process process =
        builder
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new ProgramRun(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  @Test
  void aFullOutputIsSaidAndExits74() throws Exception {
    ProgramRun run = bash("bash \"$V\" llava caption \"$I\" >/dev/full");
    assertThat(run.code()).as(run.err()).isEqualTo(74);
    assertThat(run.err())
        .contains("standard output cannot be written", "No space left")
        .doesNotContain("\tat ");
  }

  @Test
  void aClosedOutputIsSaidAndExits74() throws Exception {
    ProgramRun run = bash("bash \"$V\" --help >&-");
    assertThat(run.code()).as(run.err()).isEqualTo(74);
    assertThat(run.err()).contains("standard output cannot be written").doesNotContain("\tat ");
  }

  @Test
  void whereTheFolderIsGoneNothingIsWrittenToTheRoot() throws Exception {
    Assumptions.assumeTrue(
        Files.isWritable(Path.of("/")), "the root is not written to by this user");
    ProgramRun run =
        bash("mkdir gone; cd gone; rmdir ../gone; bash \"$V\" llava caption \"$I\" -o x.json");
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains("gone) is not there any more; change to one that is");
    assertThat(Path.of("/x.json")).doesNotExist();
  }

  @Test
  void fewOpenFilesAndLittleDataAreOneSentence() throws Exception {
    ProgramRun files = bash("ulimit -n 30; bash \"$V\" llava caption \"$I\"");
    assertThat(files.code()).as(files.err()).isEqualTo(70);
    assertThat(files.err()).containsOnlyOnce("vignette:").contains("30 open files (ulimit -n)");
    ProgramRun data = bash("ulimit -d 300000; bash \"$V\" llava caption \"$I\"");
    assertThat(data.code()).as(data.err()).isEqualTo(70);
    assertThat(data.err()).containsOnlyOnce("vignette:").contains("300000 KiB of data (ulimit -d)");
  }

  @Test
  void tooLittleAddressSpaceForJavaIsOneSentence() throws Exception {
    for (int kibibytes : new int[] {500_000, 1_000_000, 3_000_000, 4_500_000}) {
      ProgramRun run = bash("ulimit -v %d; bash \"$V\" llava caption \"$I\"".formatted(kibibytes));
      assertThat(run.code()).as(run.err()).isEqualTo(70);
      assertThat(run.err().lines())
          .singleElement()
          .satisfies(line ->
              assertThat(line)
                  .contains(kibibytes + " KiB", "ulimit -v", "4700000", "VIGNETTE_JAVA_OPTS="));
      assertThat(run.out()).isEmpty();
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .allMatch(name -> name.startsWith("script."));
    }
  }

  @Test
  void lessMemoryForJavaIsEnoughWhereItIsAskedForAsAdvised() throws Exception {
    ProgramRun run =
        bash(
            """
            ulimit -v 2000000
            export VIGNETTE_JAVA_OPTS='-Xmx256m -XX:CompressedClassSpaceSize=64m'
            bash "$V" llava caption "$I"
            """);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo("A truck parked at night.\n");
  }

  @Test
  void whereJavaItselfEndsForWantOfAddressSpaceTheLastLineSaysSo() throws Exception {
    for (int kibibytes : new int[] {300_000, 600_000, 800_000}) {
      ProgramRun run =
          bash(
              """
              ulimit -v %d
              export VIGNETTE_JAVA_OPTS='-Xmx256m -XX:CompressedClassSpaceSize=64m' TMPDIR=.
              bash "$V" llava caption "$I"
              """
                  .formatted(kibibytes));
      assertThat(run.code()).as(run.err()).isEqualTo(70);
      assertThat(run.err().lines().toList().getLast())
          .contains(kibibytes + " KiB", "ulimit -v unlimited")
          .doesNotContain("or give Java less");
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("vignette-crash"));
    }
  }

  @Test
  void underALimitSignalsAndTheStandardInputReachTheProgram() throws Exception {
    ProgramRun run =
        bash(
            """
            ulimit -v 12000000
            printf '%s\n' "$I" | bash "$V" llava caption - -q || exit 9
            bash "$V" llava caption /proc/self/fd/0 < /dev/null; [ $? = 2 ] || exit 8
            timeout 20 bash "$V" llava caption - <&-; [ $? = 2 ] || exit 6
            for signal in INT TERM; do
              mkfifo "list.$signal"
              env --default-signal=INT setsid bash "$V" llava caption - < "list.$signal" &
              exec 9> "list.$signal"
              while ! pgrep -g $! java > /dev/null; do sleep 0.1; done
              sleep 1.5
              [ $signal = TERM ] && kill -TERM $! || kill -INT -- -$!
              wait $!; code=$?
              exec 9>&-
              pgrep -g $! java && exit 7
              case $signal$code in INT130 | TERM143) ;; *) exit $code ;; esac
            done
            """);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo("A truck parked at night.\n");
  }

  /** A model whose end-of-sentence token is the one that its captions begin with. */
  private Path muteModel() throws IOException {
    byte[] key = "tokenizer.ggml.eos_token_id".getBytes(StandardCharsets.US_ASCII);
    Path models = ProgramRun.ROOT.resolve("models/mini");
    byte[] content = Files.readAllBytes(models.resolve("mini-llava-Q8_0.gguf"));
    int at = 0;
    while (!Arrays.equals(content, at, at + key.length, key, 0, key.length)) {
      at++;
    }
    int value = at + key.length + Integer.BYTES; // behind the key stands the type of the value
    ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putInt(value, FIRST_TOKEN);
    return Files.write(folder.resolve("mute.gguf"), content);
  }

  @Test
  void anEmptyCaptionIsAFailureOnATerminalToo() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "missing: script");
    String command =
        "bash $V llava caption -m %s --mmproj %s $I"
            .formatted(
                muteModel(), ProgramRun.ROOT.resolve("models/mini/mini-llava-mmproj-f16.gguf"));
    ProgramRun run = bash("script -qec '%s' terminal.txt </dev/null".formatted(command));
    assertThat(run.code()).as(run.out() + run.err()).isEqualTo(1);
    assertThat(run.out()).contains("the model said nothing about " + IMAGE, "--min-new-tokens");
  }

  @Test
  void aPipeThatIsClosedEndsQuietlyWith141() throws Exception {
    ProgramRun run =
        bash("exec 3> >(exec 3>&-; true); wait $!\nbash \"$V\" generate-completion >&3");
    assertThat(run.code()).as(run.err()).isEqualTo(141);
    assertThat(run.err()).isEmpty();
  }

  @Test
  void textsAndNamesAreUtf8WithoutALocale() throws Exception {
    ProgramRun run =
        bash(
            """
            unset LANG LC_CTYPE; export LC_ALL=C
            mkdir é && cp "$I" é/bild.jpg
            bash "$V" llava caption é -p "描述这张图片" -o Ünï.json --sidecars --prefix "Ünï, " || exit
            grep -q 'Ünï, ' é/bild.txt && test -s Ünï.json
            """);
    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void doctorIsWellInAFolderWithAnAccentAndWithAnotherCollector() throws Exception {
    ProgramRun run =
        bash(
            """
            unset LANG LC_CTYPE; export LC_ALL=C JAVA_TOOL_OPTIONS=-XX:+UseParallelGC
            mkdir é && cd é && bash "$V" doctor
            """);
    assertThat(run.code()).as(run.out() + run.err()).isZero();
    assertThat(run.out()).contains("A truck parked at night.");
    for (String options : List.of("-XX:+UseZGC", "-Xmx40g")) { // the AOT cache suits neither
      ProgramRun other = bash("VIGNETTE_JAVA_OPTS='%s' bash \"$V\" --version".formatted(options));
      assertThat(other.code()).as(other.err()).isZero();
      assertThat(other.err()).isEmpty();
    }
  }

  /** A release whose Java says what it was given. */
  private static final String RELEASE =
      """
      mkdir -p "a release é/bin" "a release é/runtime/bin" && cp "$V" "a release é/bin/vignette"
      printf '%s\\n' '#!/bin/sh' 'echo "$PYTORCH_LIBRARY_PATH;$PYTORCH_VERSION;$LD_LIBRARY_PATH;$0"' > "a release é/runtime/bin/java"
      chmod +x "a release é/runtime/bin/java"
      """;

  @Test
  void theJavaThatCameWithItGoesBeforeJavaHome() throws Exception {
    ProgramRun run =
        bash(RELEASE + "JAVA_HOME=/none VIGNETTE_TORCH= bash \"a release é/bin/vignette\" --help");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().strip()).endsWith("/a release é/runtime/bin/java");
  }

  @Test
  void settingsOfAnotherLibtorchReachJavaAndTheEnvironmentGoesBeforeThem() throws Exception {
    ProgramRun run =
        bash(
            RELEASE
                + """
                printf '%s\\n' '# a comment' 'PYTORCH_LIBRARY_PATH=/the torch/lib' PYTORCH_VERSION=2.11.0 LD_LIBRARY_PATH=/cuda PATH=/none >settings
                export VIGNETTE_TORCH="$PWD/settings" PYTORCH_VERSION=2.13.0 LD_LIBRARY_PATH=/mine
                bash "a release é/bin/vignette" --help
                """);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("/the torch/lib;2.13.0;/mine:/cuda;");
  }

  /** What the launcher of a distribution gives Java, by a Java that only says so. */
  private String optionsFor(String arguments) throws IOException, InterruptedException {
    Path said = folder.resolve("home");
    Files.createDirectories(said.resolve("bin"));
    Files.createDirectories(said.resolve("lib"));
    Files.createDirectories(said.resolve("java/bin"));
    Files.copy(
        home.resolve("bin/vignette"),
        said.resolve("bin/vignette"),
        StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(said.resolve("lib/java-home"), said.resolve("java") + "\n");
    Path java = Files.writeString(said.resolve("java/bin/java"), "#!/bin/sh\necho \"$@\"\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    ProgramRun run = bash("bash home/bin/vignette " + arguments);
    assertThat(run.code()).as(run.err()).isZero();
    return run.out();
  }

  @Test
  void fewAndSmallImagesOfTheMiniatureDoWithoutTheOptimizingCompiler() throws Exception {
    Files.createDirectories(folder.resolve("few"));
    Files.copy(IMAGE, folder.resolve("few/a.jpg"));
    Files.writeString(folder.resolve("list"), IMAGE + "\n");
    String brief = "-XX:TieredStopAtLevel=1 ";
    assertThat(optionsFor("llava caption few -o p.json")).contains(brief);
    assertThat(optionsFor("llava caption --list list -o p.json")).contains(brief);
    assertThat(optionsFor("llava caption " + IMAGE)).contains(brief);
    assertThat(optionsFor("llava caption -m other.gguf few -o p.json")).doesNotContain(brief);
    assertThat(optionsFor("llava caption --list nowhere -o p.json")).doesNotContain(brief);
    assertThat(optionsFor("llava compare few -o p.json")).doesNotContain(brief);
    Files.write(folder.resolve("few/large.jpg"), new byte[(16 << 20) + 1]);
    assertThat(optionsFor("llava caption few -o p.json"))
        .doesNotContain(brief)
        .contains("-XX:TrimNativeHeapInterval=");
  }

  @Test
  void aListFromAPipeIsLeftToTheProgram() throws Exception {
    optionsFor("llava caption --help");
    ProgramRun run =
        bash(
            """
            printf '%s\\n' '#!/bin/sh' 'while [ "$1" != --list ]; do shift; done; cat "$2"' >home/java/bin/java
            bash home/bin/vignette llava caption --list <(echo "$I") -m other.gguf -o p.json
            mkfifo named && { echo "$I" >named & } && bash home/bin/vignette llava caption --list named -o p.json
            """);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo((IMAGE + "\n").repeat(2));
  }

  @Test
  void aDiagnosticOptionGoesOnlyToTheJavaThatIsKnownToHaveIt() throws Exception {
    String only25 = "-XX:-AOTReplayTraining";
    assertThat(optionsFor("llava caption " + IMAGE)).doesNotContain(only25);
    Files.writeString(folder.resolve("home/lib/vignette.aot"), "");
    for (String release : List.of("JAVA_VERSION=\"25.0.1\"\n", "JAVA_VERSION=\"25\"\n")) {
      Files.writeString(folder.resolve("home/lib/aot-java-release"), release);
      Files.writeString(folder.resolve("home/java/release"), release);
      assertThat(optionsFor("llava caption " + IMAGE)).contains(only25, "-XX:AOTCache=");
    }
    Files.writeString(folder.resolve("home/java/release"), "JAVA_VERSION=\"25\" of another\n");
    assertThat(optionsFor("llava caption " + IMAGE)).doesNotContain(only25, "-XX:AOTCache=");
    Files.writeString(folder.resolve("home/lib/aot-java-release"), "JAVA_VERSION=\"26\"\n");
    Files.writeString(folder.resolve("home/java/release"), "JAVA_VERSION=\"26\"\n");
    assertThat(optionsFor("llava caption " + IMAGE))
        .contains("-XX:AOTCache=")
        .doesNotContain(only25);
  }

  @Test
  void manyImagesByManyProcessorsAreCollectedInParallel() throws Exception {
    Files.createDirectories(folder.resolve("many"));
    String many = "llava caption -m other.gguf many -o p.json";
    boolean processors = Files.exists(Path.of("/sys/devices/system/cpu/cpu7"));
    assertThat(optionsFor(many)).contains(processors ? "-XX:+UseParallelGC" : "-XX:+UseSerialGC");
    assertThat(optionsFor("llava caption " + IMAGE)).contains("-XX:+UseSerialGC");
    assertThat(bash("JAVA_TOOL_OPTIONS=-XX:+UseZGC bash home/bin/vignette " + many).out())
        .doesNotContain("-XX:+Use");
  }
}
