package dev.vignette.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.files.MarkedPng;
import dev.vignette.files.ProcessLock;
import dev.vignette.images.RgbImage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttentionOutputsTest {
  @TempDir private Path parent;

  @Test
  void theFolderHoldsNumbersFigurePanelsAndPage() throws IOException {
    Path folder = parent.resolve("deep/er");

    write(folder);

    assertThat(names(folder))
        .containsExactly("attention.json", "figure.png", "index.html", "panels");
    assertThat(names(folder.resolve("panels")))
        .containsExactly(
            "01-a.png",
            "02-giraffe.png",
            "03-in.png",
            "04-the.png",
            "05-bright.png",
            "06-snow.png",
            "07-script-b.png");
    RgbImage panel = RgbImage.read(folder.resolve("panels/02-giraffe.png"));
    assertThat(panel.width()).isEqualTo(480);
    assertThat(panel.height()).isEqualTo(360);
    assertThat(names(parent.resolve("deep"))).containsExactly("er");
  }

  @Test
  void anEmptyCaptionHasAFigureOfTheImageAndNoPanels() throws IOException {
    Path folder = parent.resolve("out");
    AttendedCaption full = SyntheticAttention.caption(160, 120);
    AttentionTrace nothing =
        new AttentionTrace(List.of(), List.of(0), List.of(), full.trace().grid(), new float[0][][]);

    AttentionOutputs.write(
        folder,
        new AttendedCaption("", nothing, full.geometry()),
        SyntheticAttention.image(160, 120),
        SyntheticAttention.SOURCE,
        MapView.RELATIVE,
        Optional.empty());

    assertThat(names(folder.resolve("panels"))).isEmpty();
    assertThat(RgbImage.read(folder.resolve("figure.png")).width()).isGreaterThan(1280);
    assertThat(AttentionFile.read(folder.resolve("attention.json")).caption().caption()).isEmpty();
  }

  @Test
  void whatWasWrittenBeforeIsReplacedWhole() throws IOException {
    Path folder = parent.resolve("out");
    write(folder);
    Files.copy(folder.resolve("panels/01-a.png"), folder.resolve("panels/99-old.png"));
    Files.writeString(folder.resolve("index.html"), "<title>What the words looked at</title>old");

    write(folder);

    assertThat(folder.resolve("panels/99-old.png")).doesNotExist();
    assertThat(folder.resolve("index.html")).content().contains("<!DOCTYPE html>");
    assertThat(names(parent)).containsExactly("out");
  }

  @Test
  void aFolderWithAnythingElseIsLeftAlone() throws IOException {
    Files.writeString(parent.resolve("thesis.tex"), "years of work");

    assertThatThrownBy(() -> write(parent))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("would lose thesis.tex");
    assertThat(names(parent)).containsExactly("thesis.tex");
  }

  @Test
  void filesOfSomebodyElseThatBearOurNamesAreLeftAlone() throws IOException {
    for (String name : List.of("index.html", "figure.png", "attention.json", "panels")) {
      Path folder = Files.createDirectory(parent.resolve("site-" + name));
      Files.writeString(folder.resolve(name), "{\"years\": \"of work\"}");

      assertThatThrownBy(() -> AttentionOutputs.requireFree(folder))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("would lose " + name);
      assertThatThrownBy(() -> write(folder)).hasMessageContaining("would lose " + name);
      assertThat(folder.resolve(name)).hasContent("{\"years\": \"of work\"}");
    }
  }

  @Test
  void whatSomebodyPutAmongOurFilesIsLeftAlone() throws IOException {
    Path page = parent.resolve("page");
    write(page);
    Files.writeString(page.resolve("index.html"), "<title>My site</title>");
    Path panel = parent.resolve("panel");
    write(panel);
    Files.writeString(panel.resolve("panels/Poster.png"), "years of work");

    Path poster = parent.resolve("poster");
    write(poster);
    ImageIO.write(picture(), "png", poster.resolve("figure.png").toFile());
    Path animal = parent.resolve("animal");
    write(animal);
    ImageIO.write(picture(), "png", animal.resolve("panels/02-giraffe.png").toFile());

    assertThatThrownBy(() -> write(poster)).hasMessageContaining("would lose figure.png");
    assertThatThrownBy(() -> write(animal))
        .hasMessageContaining("would lose panels/02-giraffe.png");
    assertThatThrownBy(() -> write(page)).hasMessageContaining("would lose index.html");
    assertThatThrownBy(() -> write(panel)).hasMessageContaining("would lose panels/Poster.png");
    assertThat(panel.resolve("panels/Poster.png")).hasContent("years of work");
  }

  @Test
  void aFolderOfAVersionThatDidNotMarkItsPicturesIsReplaced() throws IOException {
    Path folder = parent.resolve("old");
    write(folder);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path png : files.filter(file -> file.toString().endsWith(".png")).toList()) {
        ImageIO.write(ImageIO.read(png.toFile()), "png", png.toFile());
        assertThat(MarkedPng.isFree(png)).isFalse();
      }
    }
    AttentionOutputs.requireFree(folder);
    Files.writeString(folder.resolve("panels/02-giraffe.png"), "years of work");
    assertThatThrownBy(() -> write(folder))
        .hasMessageContaining("would lose panels/02-giraffe.png");
    Files.delete(folder.resolve("panels/02-giraffe.png"));
    write(folder);
    assertThat(MarkedPng.isFree(folder.resolve("figure.png"))).isTrue();
  }

  @Test
  void aFolderIsFreeForItsOwnImageAndForNoOther() {
    Path folder = parent.resolve("out");
    String own = "ab".repeat(32);
    assertThat(AttentionOutputs.isFreeFor(folder, own)).isTrue();
    AttentionOutputs.write(
        folder,
        SyntheticAttention.caption(160, 120),
        SyntheticAttention.image(160, 120),
        SyntheticAttention.SOURCE.withSha256(own),
        MapView.RELATIVE,
        Optional.empty());

    assertThat(AttentionOutputs.isFreeFor(folder, own)).isTrue();
    assertThat(AttentionOutputs.isFreeFor(folder, "cd".repeat(32))).isFalse();
    assertThat(AttentionFile.read(folder.resolve("attention.json")).source().sha256())
        .isEqualTo(own);
  }

  @Test
  void afterAFailureTheOldFolderStandsAndNothingElse() throws IOException {
    Path folder = parent.resolve("out");
    write(folder);
    String before = Files.readString(folder.resolve("index.html"));

    assertThatThrownBy(() ->
            WholeFolder.write(
                folder,
                _ -> Optional.empty(),
                into -> {
                  Files.writeString(into.resolve("index.html"), "half");
                  throw new IOException("no space left");
                }))
        .hasMessageContaining("no space left");

    assertThat(folder.resolve("index.html")).content().isEqualTo(before);
    assertThat(names(parent)).containsExactly("out");
  }

  @Test
  void anImageOfAnotherSizeIsRefused() {
    assertThatThrownBy(() ->
            AttentionOutputs.write(
                parent.resolve("out"),
                SyntheticAttention.caption(160, 120),
                SyntheticAttention.image(120, 160),
                SyntheticAttention.SOURCE,
                MapView.RAW,
                Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("160 x 120")
        .hasMessageContaining("120 x 160");
    assertThat(parent.resolve("out")).doesNotExist();
  }

  @Test
  void genericAttentionOfOtherLayersIsRefused() {
    AttendedCaption caption = SyntheticAttention.caption(160, 120);
    AttentionTrace other =
        SyntheticAttention.caption(List.of(4), List.of(0, 1, 2), caption.geometry()).trace();

    assertThatThrownBy(() ->
            AttentionOutputs.write(
                parent.resolve("out"),
                caption,
                SyntheticAttention.image(160, 120),
                SyntheticAttention.SOURCE,
                MapView.CONTRAST,
                Optional.of(other)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[4, 5]");
    assertThat(parent.resolve("out")).doesNotExist();
  }

  @Test
  void namesOfPanelsAreAscii() {
    assertThat(AttentionOutputs.panelName(3, "Café")).isEqualTo("03-cafe.png");
    assertThat(AttentionOutputs.panelName(12, "猫")).isEqualTo("12-word.png");
    assertThat(AttentionOutputs.panelName(1, "../etc/passwd")).isEqualTo("01-etc-passwd.png");
    assertThat(AttentionOutputs.panelName(1, "w".repeat(999))).hasSize(3 + 32 + 4);
  }

  private static BufferedImage picture() {
    return new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
  }

  @Test
  void whatAKilledProcessWasFillingIsRemovedAndNothingElse() throws IOException {
    for (String left : List.of("1/new/panels", "2/new", "2/old", "3/new", "4/new", "5/mine", "6")) {
      Files.createDirectories(parent.resolve(".attention-" + left));
    }
    for (String left : List.of("1", "2", "4", "5")) {
      Files.createFile(parent.resolve(".attention-" + left + "/.new.lock"));
    }
    try (ProcessLock _ = ProcessLock.exclusive(parent.resolve(".attention-4/new"))) {
      write(parent.resolve("out"));
    }
    assertThat(names(parent))
        .containsExactlyInAnyOrder(
            "out", ".attention-2", ".attention-3", ".attention-4", ".attention-5", ".attention-6");
  }

  private static void write(Path folder) {
    AttentionOutputs.write(
        folder,
        SyntheticAttention.caption(160, 120),
        SyntheticAttention.image(160, 120),
        SyntheticAttention.SOURCE,
        MapView.RELATIVE,
        Optional.empty());
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }
}
