package dev.vignette.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.images.RgbImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class AttentionPageTest {
  private static final Pattern DATA =
      Pattern.compile(
          "<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL);

  @TempDir private Path folder;

  @Test
  void thePageRefersToNothingOutside() throws IOException {
    String page = page(entry(MapView.RELATIVE, Optional.empty()));

    assertThat(page).contains("default-src 'none'; img-src data:;");
    assertThat(page).doesNotContainPattern("(?i)https?:");
    assertThat(page).doesNotContainPattern("(?i)(src|href)\\s*=\\s*[\"'](?!data:)");
    assertThat(page).doesNotContainPattern("(?i)@import|url\\(|fetch\\(|XMLHttpRequest");
  }

  @Test
  void textOfTheCaptionCannotEndTheData() throws IOException {
    JsonNode data = data(page(entry(MapView.RELATIVE, Optional.empty())));

    assertThat(data.at("/captions/0/caption").asString())
        .isEqualTo(String.join("", SyntheticAttention.PIECES))
        .contains("</script>");
    assertThat(data.at("/captions/0/model").asString()).isEqualTo("Made <up>");
  }

  @Test
  void noPlaceOfTheTemplateIsLeftOpen() throws IOException {
    assertThat(page(entry(MapView.RAW, Optional.empty())))
        .doesNotContain("@DATA@", "@STYLE@", "@SCRIPT@", "@CONSTANTS@");
  }

  @Test
  void severalCaptionsShareOnePicture() throws IOException {
    JsonNode data =
        data(
            page(
                entry(MapView.RELATIVE, Optional.empty()),
                entry(MapView.CONTRAST, Optional.of(caption().trace()))));

    assertThat(data.get("captions")).hasSize(2);
    assertThat(data.at("/picture/address").asString()).startsWith("data:image/png;base64,");
    assertThat(data.at("/captions/0").has("generic")).isFalse();
    assertThat(data.at("/captions/1").has("generic")).isTrue();
    assertThat(data.at("/captions/1/view").asString()).isEqualTo("contrast");
  }

  @Test
  void packedRowsAreTheAttentionOfWordsLayersAndHeads() throws IOException {
    JsonNode caption = data(page(entry(MapView.RAW, Optional.empty()))).at("/captions/0");
    ByteBuffer largest = bytes(caption.at("/rows/largest"));
    ByteBuffer packed = bytes(caption.at("/rows/packed"));

    int words = caption.get("words").size();
    for (int word = 0; word < words; word++) {
      for (int row = 0; row < 6; row++) {
        PatchMap exact = WordMaps.of(caption().trace(), row / 3, row % 3).maps().get(word);
        float most = largest.getFloat();
        for (int patch = 0; patch < 64; patch++) {
          double part = (packed.getShort() & 0xFFFF) / (double) WordRows.FULL;
          assertThat(most * part * part)
              .isCloseTo(exact.values()[patch], within(2e-4 * exact.values()[patch]));
        }
      }
    }
    assertThat(packed.hasRemaining()).isFalse();
  }

  @Test
  void largePicturesAreShrunk() {
    String small = AttentionWidget.picture(SyntheticAttention.image(1500, 600));

    JsonNode json = new ObjectMapper().readTree(small);
    assertThat(json.get("width").asInt()).isEqualTo(1500);
    assertThat(json.get("address").asString()).startsWith("data:image/jpeg;base64,");
    byte[] file = Base64.getDecoder().decode(json.get("address").asString().split(",", 2)[1]);
    RgbImage shown = RgbImage.read(file, "picture");
    assertThat(shown.width()).isEqualTo(1024);
    assertThat(shown.height()).isEqualTo(410);
  }

  @Test
  void aContrastOfNothingIsRefused() {
    assertThatThrownBy(() -> page(entry(MapView.CONTRAST, Optional.empty())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("generic");
    assertThat(folder).isEmptyDirectory();
  }

  private static AttendedCaption caption() {
    return SyntheticAttention.caption(160, 120);
  }

  private static AttentionPage.Entry entry(MapView view, Optional<AttentionTrace> generic) {
    return new AttentionPage.Entry(SyntheticAttention.SOURCE, caption(), view, generic);
  }

  private String page(AttentionPage.Entry... entries) throws IOException {
    Path file = folder.resolve("index.html");
    AttentionPage.write(file, SyntheticAttention.image(160, 120), List.of(entries));
    return Files.readString(file);
  }

  private static JsonNode data(String page) {
    Matcher matcher = DATA.matcher(page);
    assertThat(matcher.find()).isTrue();
    return new ObjectMapper().readTree(matcher.group(1));
  }

  private static ByteBuffer bytes(JsonNode base64) {
    return ByteBuffer.wrap(Base64.getDecoder().decode(base64.asString()))
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}
