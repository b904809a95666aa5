package dev.vignette.spark;

import dev.vignette.captions.Predictions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What {@code vignette} makes of a folder, typed in a process of its own; once a command. */
public final class CommandLineCaptions {
  private static final Map<List<String>, Map<String, String>> KNOWN = new ConcurrentHashMap<>();

  private CommandLineCaptions() {}

  /** Of all 300 images, by the embedded LLaVA. */
  public static Map<String, String> ofAllByLlava() {
    return of("llava", "caption", TestSessions.images().toString());
  }

  /** By the name of the image without its extension. */
  public static Map<String, String> of(String... arguments) {
    return KNOWN.computeIfAbsent(List.of(arguments), CommandLineCaptions::run);
  }

  private static Map<String, String> run(List<String> arguments) {
    try {
      Path output = Files.createTempDirectory("command-line").resolve("captions.json");
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("-Dvignette.native=" + System.getProperty("vignette.native"));
      command.add("-Dvignette.home=" + TestSessions.root());
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add("dev.vignette.cli.Vignette");
      command.addAll(arguments);
      command.addAll(List.of("--quiet", "--output", output.toString()));
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      if (process.waitFor() != 0) {
        throw new IllegalStateException("vignette ended with " + process.exitValue());
      }
      return Map.copyOf(Predictions.read(output).captions());
    } catch (IOException | InterruptedException failure) {
      throw new IllegalStateException(failure);
    }
  }
}
