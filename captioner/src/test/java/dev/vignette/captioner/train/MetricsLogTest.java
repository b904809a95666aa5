package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.files.faults.MalformedDataException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
  @TempDir Path folder;

  @Test
  void aLineThatAKillToreIsPassedOverAndOneAmidTheOthersIsNot() throws Exception {
    Path file = folder.resolve("metrics.jsonl");
    MetricsLog log = new MetricsLog(file);
    assertThat(log.lines()).isEmpty();
    log.append(MetricsLog.line(1, 0));
    log.append(MetricsLog.line(2, 0));
    String whole = Files.readString(file);
    Files.writeString(file, whole + "{\"step\": 3, \"ep");
    assertThat(log.lines()).hasSize(2);
    Files.writeString(file, whole.substring(5) + whole);
    assertThatThrownBy(log::lines)
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContainingAll("metrics.jsonl, line 1", "3 lines follow it");
  }
}
