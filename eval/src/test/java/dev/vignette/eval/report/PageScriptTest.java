package dev.vignette.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page's script shows, run by Node.js. */
class PageScriptTest {
  @TempDir private Path folder;

  @BeforeEach
  void needsNode() {
    boolean found =
        Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(File.pathSeparator))
            .anyMatch(place -> Files.isExecutable(Path.of(place, "node")));
    assumeTrue(found, "Node.js is not there: no program 'node' on the path");
  }

  private static String page() throws Exception {
    try (InputStream in =
        Objects.requireNonNull(ReportPage.class.getResourceAsStream("page.html"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String function(String page, String name) {
    int start = page.indexOf("function " + name + "(");
    return page.substring(start, page.indexOf("\n}\n", start) + 3);
  }

  /** Of each list of scores the best and the worst, two at most, as the page shows them. */
  private List<String> extremes(String... scores) throws Exception {
    StringBuilder script = new StringBuilder();
    script.append(function(page(), "minmax")).append(function(page(), "extremes"));
    for (String list : scores) {
      script
          .append("{ const { best, worst } = extremes([")
          .append(list)
          .append("], x => x, 2); console.log(best + ' | ' + worst); }\n");
    }
    Path file = Files.writeString(folder.resolve("check.js"), script);
    Process node =
        new ProcessBuilder("node", file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> lines =
        new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    assertThat(node.waitFor()).isZero();
    return lines;
  }

  @Test
  void noImageIsBestAndWorstAndNoneIsBestThatIsAsBadAsTheWorst() throws Exception {
    assertThat(
            extremes(
                "5, 1, 3, 2, 4, 6",
                "1, 2, 3",
                "7, 8",
                "7",
                "0, 0, 0, 0",
                "0, 0, 0, 2, 0",
                "3, 0, 3, 3, 3"))
        .containsExactly("6,5 | 1,2", "3,2 | 1", "8 | 7", " | ", " | ", "2 | 0,0", "3,3 | 0");
  }
}
