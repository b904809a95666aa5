package dev.vignette.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
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
      StringWriter said = new StringWriter();
      PrintWriter writer = new PrintWriter(said);
      String[] words = command.toArray(String[]::new);
      int code = Vignette.commandLine(words).setOut(writer).setErr(writer).execute(words);
      if (code != 0) {
        System.err.println(said);
        System.exit(code);
      }
    }
    System.exit(0);
  }
}
