package dev.vignette.cli.llava;

import dev.vignette.files.TextFile;
import dev.vignette.llava.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that give the instruction: a picocli mix-in. */
public final class PromptArguments {

  @Option(
      names = {"-p", "--prompt"},
      paramLabel = "TEXT",
      description = {"The instruction (default: \"" + EmbeddedModel.DEFAULT_INSTRUCTION + "\")."})
  private @Nullable String prompt;

  @Option(
      names = "--prompt-file",
      paramLabel = "FILE",
      description = "A text file with the instruction, in UTF-8.")
  private @Nullable Path promptFile;

  /** The files that are read for the instruction: one or none. */
  public List<Path> files() {
    return promptFile == null ? List.of() : List.of(promptFile);
  }

  /**
   * The instruction asked for.
   *
   * @throws IllegalArgumentException if both are given, or it is empty
   * @throws dev.vignette.files.faults.MalformedDataException if the file is not UTF-8
   * @throws IOException if the file cannot be read
   */
  public String instruction() throws IOException {
    if (prompt != null && promptFile != null) {
      throw new IllegalArgumentException(
          "--prompt and --prompt-file say the same thing; give one of them");
    }
    String text = prompt != null ? prompt : EmbeddedModel.DEFAULT_INSTRUCTION;
    if (promptFile != null) {
      if (!Files.exists(promptFile) || Files.isDirectory(promptFile)) {
        throw new IllegalArgumentException(
            "--prompt-file names a text file, but '%s' is %s; check the path"
                .formatted(promptFile, Files.exists(promptFile) ? "a folder" : "not there"));
      }
      text = TextFile.read(promptFile).strip();
    }
    if (text.isBlank()) {
      throw new IllegalArgumentException("the instruction is empty; write what to describe");
    }
    return text;
  }
}
