package dev.vignette.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is published: the libraries' jars, their versions in one place, and an application. */
class ArtifactsTest {

  private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
  private static final Pattern ARTIFACT = Pattern.compile("<artifactId>(vignette-[^<]+)</art");
  private static final Pattern DEPENDENCY =
      Pattern.compile("<dependency>.*?</dependency>", Pattern.DOTALL);
  private static final Pattern EXCLUSIONS =
      Pattern.compile("<exclusions>.*?</exclusions>", Pattern.DOTALL);
  private static final String VERSION = "0.1.0";

  @TempDir private Path folder;

  private static List<String> found(Pattern pattern, Path file) throws IOException {
    Matcher matcher = pattern.matcher(Files.readString(file));
    List<String> all = new ArrayList<>();
    while (matcher.find()) {
      all.add(matcher.group(1));
    }
    return all;
  }

  private static List<String> modules() throws IOException {
    return found(MODULE, ProgramRun.ROOT.resolve("pom.xml"));
  }

  @Test
  void theBomNamesEveryLibrary() throws Exception {
    List<String> libraries =
        modules().stream()
            .filter(module -> !module.equals("bom") && !module.equals("cli"))
            .map("vignette-"::concat)
            .toList();
    assertThat(found(ARTIFACT, ProgramRun.ROOT.resolve("bom/pom.xml"))).containsAll(libraries);
  }

  @Test
  void onlyTheProgramChoosesWhereDjlLogs() throws Exception {
    for (String module : modules()) {
      String pom = Files.readString(ProgramRun.ROOT.resolve(module).resolve("pom.xml"));
      assertThat(bringsSilence(pom)).as(module).isEqualTo(module.equals("cli"));
    }
  }

  /** Whether users of a module get SLF4J's provider that says nothing: in any scope but test. */
  private static boolean bringsSilence(String pom) {
    return DEPENDENCY
        .matcher(EXCLUSIONS.matcher(pom).replaceAll(""))
        .results()
        .map(MatchResult::group)
        .filter(dependency -> dependency.contains("<artifactId>slf4j-nop</artifactId>"))
        .anyMatch(dependency -> !dependency.contains("<scope>test</scope>"));
  }

  @ParameterizedTest
  @CsvSource({
    "'', true",
    "<scope>runtime</scope>, true",
    "<version>2</version> <scope>compile</scope>, true",
    "<version>2</version> <scope>test</scope>, false",
    "<scope>test</scope>, false"
  })
  void aDependencyIsBroughtUnlessItsScopeIsTest(String more, boolean brought) {
    String one = "<dependency> <artifactId>%s</artifactId> %s </dependency>\n";
    String pom =
        one.formatted("before", "<scope>test</scope>")
            + one.formatted("slf4j-nop", more)
            + one.formatted("after", "<scope>test</scope>");
    assertThat(bringsSilence(pom)).isEqualTo(brought);
  }

  /**
   * The example as a stranger builds it: by Maven, from a repository with what this build packaged.
   * The natives come out of their jar.
   */
  @Test
  @Timeout(300)
  void anApplicationWithOneDependencyCaptionsAnImage() throws Exception {
    Path repository = repository();
    Path app = folder.resolve("caption-app");
    bash(
        "cp -r \"$ROOT/examples/caption-app\" \"$APP\" && rm -rf \"$APP/target\"", repository, app);
    bash("cd \"$APP\" && mvn -q -B -Dmaven.repo.local=\"$REPOSITORY\" package", repository, app);
    String models =
        "\"$ROOT/models/mini/mini-llava-Q8_0.gguf\" \"$ROOT/models/mini/mini-llava-mmproj-f16.gguf\"";
    String said =
        bash(
            "\"$JAVA_HOME/bin/java\" -jar \"$APP/target/caption-app.jar\" "
                + models
                + " \"$ROOT/models/mini/data/images/val/000000000015.jpg\"",
            repository,
            app);
    assertThat(said.strip()).isEqualTo("A bird flying above a penguin on the grass.");
    assertThat(folder.resolve("cache/natives")).isDirectory();
    bash("rm -rf \"$REPOSITORY\"", repository, app); // JUnit would warn of each link
  }

  /** Links to what this machine's repository holds, and this build's artifacts beside them. */
  private Path repository() throws IOException, InterruptedException {
    Path known = Path.of(System.getProperty("user.home"), ".m2", "repository");
    assumeTrue(Files.isDirectory(known), "Maven's repository is not in " + known);
    Path repository = folder.resolve("repository");
    bash("cp -rs \"$HOME/.m2/repository\" \"$REPOSITORY\"", repository, folder);
    Path ours = repository.resolve("dev/vignette");
    bash("rm -rf \"$REPOSITORY/dev/vignette\"", repository, folder);
    publish(ProgramRun.ROOT, "vignette", ours);
    for (String module : modules()) {
      if (!module.equals("cli")) {
        publish(ProgramRun.ROOT.resolve(module), "vignette-" + module, ours);
      }
    }
    return repository;
  }

  private static void publish(Path project, String artifact, Path ours) throws IOException {
    Path target = Files.createDirectories(ours.resolve(artifact).resolve(VERSION));
    Files.copy(
        project.resolve("pom.xml"), target.resolve("%s-%s.pom".formatted(artifact, VERSION)));
    if (Files.readString(project.resolve("pom.xml")).contains("<packaging>pom</packaging>")
        && !artifact.equals("vignette-native")) {
      return;
    }
    String suffix = artifact.equals("vignette-native") ? "-linux-x86_64" : "";
    String name = "%s-%s%s.jar".formatted(artifact, VERSION, suffix);
    Path jar = project.resolve("target").resolve(name);
    assumeTrue(Files.isRegularFile(jar), "not packaged yet: " + jar);
    Files.copy(jar, target.resolve(name));
  }

  private String bash(String script, Path repository, Path app)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", script).redirectErrorStream(true);
    builder.environment().put("ROOT", ProgramRun.ROOT.toRealPath().toString());
    builder.environment().put("REPOSITORY", repository.toString());
    builder.environment().put("APP", app.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("VIGNETTE_CACHE", folder.resolve("cache").toString());
    builder.environment().remove("VIGNETTE_NATIVE");
    Path output = folder.resolve("output");
    Process process = builder.redirectOutput(output.toFile()).start();
    try {
      assertThat(process.waitFor(280, TimeUnit.SECONDS)).as(script).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String said = Files.readString(output);
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }
}
