package dev.vignette.llava;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelStampTest {
  @TempDir private Path folder;
  private Path model;
  private Path projector;
  private LlavaModel.Stamp stamp;

  @BeforeEach
  void open() throws IOException {
    model = Files.writeString(folder.resolve("m.gguf"), "weights");
    projector = Files.writeString(folder.resolve("p.gguf"), "tower");
    stamp = LlavaModel.Stamp.of(LlavaOptions.of(model, projector));
  }

  @Test
  void filesThatAreReadOnlyAreTheSame() throws IOException {
    assertThat(Files.readString(model)).isEqualTo("weights");
    assertThat(stamp.changed()).isEmpty();
  }

  @Test
  void aFileThatIsCutWrittenOverReplacedOrGoneIsNamed() throws IOException {
    FileTime before = Files.getLastModifiedTime(projector);
    Files.writeString(projector, "tow");
    Files.setLastModifiedTime(projector, before);
    assertThat(stamp.changed()).get().asString().startsWith(projector + " changed while");
    Files.writeString(projector, "tower");
    Files.setLastModifiedTime(projector, before);
    assertThat(stamp.changed()).isEmpty();

    Files.setLastModifiedTime(projector, FileTime.fromMillis(1));
    assertThat(stamp.changed()).isPresent();
    Files.delete(projector);
    assertThat(stamp.changed()).get().asString().startsWith(projector + " changed while");
  }
}
