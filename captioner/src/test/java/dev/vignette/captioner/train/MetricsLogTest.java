package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.files.faults.MalformedDataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

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

  @Test
  void aLineThatIsNoneOfARunsIsNamedWithWhatItShouldBe() throws Exception {
    Path file = folder.resolve("metrics.jsonl");
    MetricsLog log = new MetricsLog(file);
    ObjectNode epoch = MetricsLog.line(4, 1);
    epoch.putObject("validation").put("cider", Double.NaN);
    log.append(epoch);
    String whole = Files.readString(file) + "\n";
    Map<String, String> faults = new LinkedHashMap<>();
    faults.put(
        "{\"step\":\"x\",\"epoch\":0}",
        "step must be a whole number of 0 or more, and it is \"x\"");
    faults.put("{\"step\":-1,\"epoch\":0}", "step must be a whole number");
    faults.put("{\"step\":1}", "epoch must be a whole number of 0 or more, and it is missing");
    faults.put("{\"step\":1,\"epoch\":9999999999}", "epoch must be a whole number");
    faults.put("{\"step\":1,\"epoch\":0,\"validation\":7}", "validation must be an object");
    faults.put(
        "{\"step\":1,\"epoch\":0,\"validation\":{\"cider\":\"z\"}}",
        "validation.cider must be a number, and it is \"z\"");
    faults.put(
        "{\"step\":1,\"epoch\":0,\"captions_sha256\":5}",
        "captions_sha256 must be a hash, and it is 5");
    faults.put("{\"step\":1,\"epoch\":0,\"loss\":[1]}", "loss must be a number, and it is [1]");
    faults.put("null", "the line must be a JSON object, and it is null");
    faults.put("[]", "the line must be a JSON object");
    for (Map.Entry<String, String> fault : faults.entrySet()) {
      Files.writeString(file, whole + fault.getKey() + "\n" + whole);
      assertThatThrownBy(log::lines)
          .isInstanceOf(MalformedDataException.class)
          .hasMessageContainingAll(file + ", line 3: " + fault.getValue(), "take the line out");
    }
    Files.writeString(file, whole + whole);
    log.rewindTo(new TrainState(2, 0, 9, 0, 0, 0, 0, 0, false));
    assertThat(log.lines()).containsExactly(log.lines().getFirst(), log.lines().getFirst());
    assertThat(new CurvesImage(log.lines(), "cider").draw().getWidth()).isPositive();
  }

  @Test
  void whatIsNoTextIsNamedWithItsFile() throws Exception {
    Path file = folder.resolve("metrics.jsonl");
    Files.write(file, new byte[] {'{', '}', '\n', (byte) 0xFF, '\n'});
    assertThatThrownBy(() -> new MetricsLog(file).lines())
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining(file + ", line 2: this is not UTF-8 text");
    assertThatThrownBy(() -> new MetricsLog(folder).lines())
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContainingAll(folder.toString(), "it is a folder", "copy the run again");
  }
}
