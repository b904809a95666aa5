package dev.vignette.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import picocli.CommandLine;

/**
 * What a run of the program in this process left behind, with the checkout's models as its own.
 *
 * @param code its exit code
 * @param out what it printed
 * @param err what it said
 */
public record ProgramRun(int code, String out, String err) {
  public static final Path ROOT = Path.of(System.getProperty("vignette.root"));

  public static ProgramRun of(String... arguments) {
    System.setProperty("vignette.home", ROOT.toString());
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        Vignette.commandLine(arguments)
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    int code = command.execute(arguments);
    return new ProgramRun(code, out.toString(), err.toString());
  }
}
