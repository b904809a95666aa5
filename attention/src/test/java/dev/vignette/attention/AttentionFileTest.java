package dev.vignette.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.files.faults.MalformedDataException;
import dev.vignette.images.PixelPreprocessor;
import dev.vignette.images.PixelPreprocessor.Framing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class AttentionFileTest {
  @TempDir private Path folder;

  @Test
  void whatIsWrittenIsReadAgain() {
    AttentionFile written =
        new AttentionFile(SyntheticAttention.SOURCE, SyntheticAttention.caption(160, 120));
    Path file = folder.resolve("attention.json");
    written.write(file);

    AttentionFile read = AttentionFile.read(file);

    AttentionTrace before = written.caption().trace();
    AttentionTrace after = read.caption().trace();
    assertThat(read.source()).isEqualTo(written.source());
    assertThat(read.caption().caption()).isEqualTo(written.caption().caption());
    assertThat(read.caption().geometry()).isEqualTo(written.caption().geometry());
    assertThat(after.pieces()).isEqualTo(before.pieces());
    assertThat(after.layers()).containsExactly(4, 5);
    assertThat(after.heads()).containsExactly(0, 1, 2);
    for (int token = 0; token < before.pieces().size(); token++) {
      for (int row = 0; row < 6; row++) {
        float[] exact = before.patches(token, row / 3, row % 3);
        float[] rounded = after.patches(token, row / 3, row % 3);
        assertThat(rounded).hasSameSizeAs(exact);
        for (int patch = 0; patch < exact.length; patch++) {
          assertThat(rounded[patch]).isCloseTo(exact[patch], within(exact[patch] * 6e-6f));
        }
        assertThat(after.share(token, row / 3, row % 3))
            .isCloseTo(before.share(token, row / 3, row % 3), within(1e-5));
        assertThat(sum(after.row(token, row / 3, row % 3))).isCloseTo(1, within(1e-5));
      }
    }
  }

  @Test
  void meansOfHeadsAreOneRowALayer() {
    AttendedCaption caption =
        SyntheticAttention.caption(
            List.of(0, 7), List.of(), PixelPreprocessor.clip(Framing.PAD, 336).geometry(500, 375));
    Path file = folder.resolve("attention.json");
    new AttentionFile(SyntheticAttention.SOURCE, caption).write(file);

    AttentionTrace trace = AttentionFile.read(file).caption().trace();

    assertThat(trace.heads()).isEmpty();
    assertThat(trace.rows()[3]).hasNumberOfRows(2);
  }

  @Test
  void numbersAreByTokenLayerHeadAndPatchInSixDigits() throws IOException {
    AttendedCaption caption = SyntheticAttention.caption(160, 120);
    Path file = folder.resolve("attention.json");
    new AttentionFile(SyntheticAttention.SOURCE, caption).write(file);

    JsonNode json = new ObjectMapper().readTree(Files.readString(file));

    double share = caption.trace().share(2, 1, 2);
    float patch = caption.trace().patches(2, 1, 2)[40];
    assertThat(json.at("/share/2/1/2").asDouble()).isCloseTo(share, within(1e-5));
    assertThat(json.at("/attention/2/1/2/40").asDouble()).isCloseTo(patch, within(patch * 1e-5));
    assertThat(json.at("/attention/2/1/2")).hasSize(64);
    assertThat(json.at("/attention")).hasSize(SyntheticAttention.PIECES.size());
    assertThat(json.at("/words/1/text").asString()).isEqualTo("giraffe");
    assertThat(json.at("/words/1/from").asInt()).isEqualTo(1);
    assertThat(json.at("/words/1/to").asInt()).isEqualTo(3);
    assertThat(json.at("/settings/instruction").asString()).isEqualTo("Say \"what\" is there.");
    assertThat(significantDigits(json.at("/attention/2/1/2/40").asString())).isLessThanOrEqualTo(6);
  }

  @Test
  void aRowOfAnotherLengthIsRefusedWithItsLine() throws IOException {
    Path file = folder.resolve("attention.json");
    Files.writeString(file, "{\"side\": 2,\n\"attention\": [[[[0.1, 0.2, 0.3]]]]}");

    assertThatThrownBy(() -> AttentionFile.read(file))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining("line 2")
        .hasMessageContaining("3 weights")
        .hasMessageContaining("side 2 has 4");
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    Path file = folder.resolve("attention.json");
    Files.writeString(file, "{\"side\": 1, \"geometry\": {\"width\": 3}}");

    assertThatThrownBy(() -> AttentionFile.read(file))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining("geometry.height");
    assertThatThrownBy(() -> AttentionFile.read(folder.resolve("other.json")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("there is no such file");
  }

  private static double sum(float[] row) {
    double sum = 0;
    for (float weight : row) {
      sum += weight;
    }
    return sum;
  }

  private static int significantDigits(String number) {
    return number.replaceAll("[eE].*", "").replace(".", "").replaceAll("^0+|0+$", "").length();
  }
}
