package dev.vignette.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.ProgramRun;
import dev.vignette.files.MarkedPng;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportFolderTest {
  private static final Path MINI = ProgramRun.ROOT.resolve("models/mini");
  private static final ReportConfig CONFIG =
      new ReportConfig(
          "Old",
          new ReportConfig.Data(MINI.resolve("data/images"), MINI, MINI),
          new ReportConfig.Llava(Optional.empty(), Optional.empty()),
          List.of(),
          List.of());

  @TempDir private Path folder;

  /** Versions before the mark copied the curves as matplotlib or the trainer wrote them. */
  private static byte[] unmarked() throws IOException {
    byte[] png = Files.readAllBytes(MINI.resolve("runs/rank16/curves.png"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(ImageIO.read(new ByteArrayInputStream(png)), "png", out);
    return out.toByteArray();
  }

  @Test
  void aReportThatWouldPutPicturesAmongTheImagesIsRefused() throws IOException {
    Path images = Files.createDirectory(folder.resolve("images"));
    ReportConfig config =
        new ReportConfig(
            "Own", new ReportConfig.Data(images, MINI, MINI), CONFIG.llava(), List.of(), List.of());
    Path link = Files.createSymbolicLink(folder.resolve("link"), images);
    for (Path output : List.of(images, images.resolve("new/report"), link)) {
      assertThatThrownBy(() -> ReportFolder.requireFree(output, config))
          .isInstanceOf(UsageException.class)
          .hasMessageContainingAll(output.toString(), images.toString(), "--output outside");
    }
    ReportFolder.requireFree(folder, config);
    ReportFolder.requireFree(folder.resolve("images-report"), config);
  }

  @Test
  void curvesWithoutTheMarkAreFreeOnlyWhereThePageShowsThem() throws IOException {
    byte[] png = unmarked();
    Path curves = folder.resolve(ReportFolder.CURVES);
    Files.createDirectories(Objects.requireNonNull(curves.getParent()));
    Files.write(curves, png);
    assertThat(MarkedPng.isFree(curves)).isFalse();
    assertThatThrownBy(() -> ReportFolder.requireFree(folder, CONFIG))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(curves.toString());

    Path page = folder.resolve("index.html");
    Files.writeString(page, "<style>.attention-words {}</style>");
    assertThatThrownBy(() -> ReportFolder.requireFree(folder, CONFIG))
        .hasMessageContaining(curves.toString());
    Files.writeString(
        page,
        "<style>.attention-words {}</style><img src=\"data:image/png;base64,%s\">"
            .formatted(Base64.getEncoder().encodeToString(png)));
    ReportFolder.requireFree(folder, CONFIG);
  }
}
