package dev.vignette.cli.llava;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnProcessTest {

  @TempDir Path folder;

  @Test
  void aRegularFileIsReadAgain() throws IOException {
    Path prompt = Files.writeString(folder.resolve("prompt.txt"), "What is it?");

    assertThat(OwnProcess.command(List.of(prompt))).isEqualTo(OwnProcess.command(List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "/dev/null"})
  void aPipeIsRefusedWithASentence(String pipe) {
    List<Path> read = List.of(Path.of(pipe));

    assertThatThrownBy(() -> OwnProcess.command(read))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("'" + pipe + "'", "regular file", "--isolate", "--batch-size");
  }
}
