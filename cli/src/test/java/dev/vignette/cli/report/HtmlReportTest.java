package dev.vignette.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class HtmlReportTest {
  @Test
  void whatFillsAPlaceMayLookLikeAnother() {
    String page =
        HtmlReport.filled(
            "<h1>@TITLE@</h1>@BODY@<script>@DATA@</script>",
            Map.of("@TITLE@", "About @BODY@ for $1", "@BODY@", "@DATA@ @TITLE@", "@DATA@", "[1]"));
    assertThat(page).isEqualTo("<h1>About @BODY@ for $1</h1>@DATA@ @TITLE@<script>[1]</script>");
  }
}
