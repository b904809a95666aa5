package dev.vignette.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What Ivy, by which spark-submit gets its packages, makes of our POMs. */
class PackagesTest {
  private static final Pattern DEPENDENCY =
      Pattern.compile("<dependency>.*?</dependency>", Pattern.DOTALL);
  private static final String TEST_JAR = "<type>test-jar</type>";
  private static final String TEST_SCOPE = "<scope>test</scope>";

  private static Stream<String> testJars(Path pom) throws IOException {
    return DEPENDENCY
        .matcher(Files.readString(pom))
        .results()
        .map(match -> match.group())
        .filter(dependency -> dependency.contains(TEST_JAR));
  }

  /** Ivy keeps what is managed by its name alone, so the jar itself would be left out. */
  @Test
  void noScopeIsManagedForATestJar() throws IOException {
    Path root = TestSessions.root();

    assertThat(testJars(root.resolve("pom.xml")))
        .isNotEmpty()
        .noneMatch(dependency -> dependency.contains("<scope>"));
    for (String module : List.of("captioner", "cli", "eval-clip", "spark")) {
      assertThat(testJars(root.resolve(module).resolve("pom.xml")))
          .as(module)
          .isNotEmpty()
          .allMatch(dependency -> dependency.contains(TEST_SCOPE));
    }
  }
}
