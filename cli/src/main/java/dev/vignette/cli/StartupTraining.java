package dev.vignette.cli;

import dev.vignette.cli.Vignette.StandardOutput;
import dev.vignette.cli.llava.EarlyLoading;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The run that the start-up cache is made from, when the distribution is assembled: what users do
 * most, one after the other, so that its classes are loaded, linked and profiled.
 */
final class StartupTraining {

  private StartupTraining() {}

  /**
   * Runs the commands.
   *
   * @param arguments a folder of images, a file for the predictions, and the annotations
   */
  public static void main(String[] arguments) {
    String images = arguments[0];
    String image = Path.of(images, "000000000001.jpg").toString();
    List<List<String>> commands =
        List.of(
            List.of("llava", "caption", "--device", "cpu", image),
            List.of(
                "llava",
                "caption",
                "--device",
                "cpu",
                images,
                "--limit",
                "60",
                "--overwrite",
                "--output",
                arguments[1]),
            List.of(
                "eval",
                "--predictions",
                arguments[1],
                "--annotations",
                arguments[2],
                "--allow-missing"),
            List.of("--help"),
            List.of("llava", "caption", "--help"));
    for (List<String> command : commands) {
      String[] words = command.toArray(String[]::new);
      EarlyLoading.begin(words);
      PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
      int code = Vignette.run(words, StandardOutput.ofProcess(), err);
      if (code != 0) {
        System.exit(code);
      }
    }
    System.exit(0);
  }
}
