package dev.vignette.cli;

import dev.vignette.captions.run.OutputException;
import dev.vignette.cli.attend.AttendCommand;
import dev.vignette.cli.captioner.CaptionerCommand;
import dev.vignette.cli.eval.EvalCommand;
import dev.vignette.cli.llava.EarlyLoading;
import dev.vignette.cli.llava.LlavaCommand;
import dev.vignette.cli.models.ModelsCommand;
import dev.vignette.cli.models.NamedModels;
import dev.vignette.cli.models.PullCommand;
import dev.vignette.cli.report.ReportCommand;
import dev.vignette.cli.run.ExitCodes;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The root of the command tree, and the one place where the program exits. */
@Command(
    name = "vignette",
    description = "Captions images: quantized LLaVA, a trained captioner, exact evaluation.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    synopsisSubcommandLabel = "COMMAND")
public final class Vignette implements Runnable {

  /** Codes that stay when the standard output has failed: that was said, or something worse. */
  private static final Set<Integer> SAYS_MORE =
      Set.of(
          ExitCodes.NOT_WRITTEN,
          ExitCodes.CLOSED_PIPE,
          ExitCodes.INTERRUPTED,
          ExitCodes.NATIVE_FAILURE);

  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "Missing command");
  }

  /**
   * The command tree for some arguments: the branch that the first two name, the whole tree if they
   * name none. Reading the annotations of a branch takes longer than the JVM's own start.
   */
  static CommandLine commandLine(String... arguments) {
    String first = arguments.length == 0 ? "" : arguments[0];
    String second = arguments.length < 2 ? "" : arguments[1];
    CommandLine root = new CommandLine(new Vignette());
    switch (first) {
      case "llava" -> root.addSubcommand(LlavaCommand.with(second));
      case "eval" -> root.addSubcommand(new EvalCommand());
      case "captioner" -> root.addSubcommand(new CaptionerCommand());
      case "attend" -> root.addSubcommand(new AttendCommand());
      case "report" -> root.addSubcommand(new ReportCommand());
      case "doctor" -> root.addSubcommand(new DoctorCommand());
      case "pull" -> root.addSubcommand(new PullCommand());
      case "models" -> root.addSubcommand(new ModelsCommand());
      default ->
          root.addSubcommand(LlavaCommand.with(""))
              .addSubcommand(new CaptionerCommand())
              .addSubcommand(new EvalCommand())
              .addSubcommand(new AttendCommand())
              .addSubcommand(new ReportCommand())
              .addSubcommand(new DoctorCommand())
              .addSubcommand(new PullCommand())
              .addSubcommand(new ModelsCommand())
              .addSubcommand(new GenerateCompletion())
              .addSubcommand(new HelpCommand());
    }
    ExitCodes.listIn(root);
    NamedModels.offerOffline(root);
    return root.setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setExecutionStrategy(Vignette::execute)
        .setExecutionExceptionHandler(new FailureReport());
  }

  /** Runs the command, or prints the help asked for, which picocli does not guard as a command. */
  private static int execute(ParseResult parsed) {
    try {
      return NamedModels.executeNamed(parsed);
    } catch (OutputException e) {
      throw new ExecutionException(parsed.commandSpec().commandLine(), "not printed", e);
    }
  }

  /**
   * Runs the program to its end and returns its exit code. Whatever is thrown is said on {@code
   * err}, and nothing printed is lost in silence.
   */
  static int run(String[] arguments, StandardOutput output, PrintWriter err) {
    PrintWriter out = output.writer();
    int code;
    try {
      code = commandLine(arguments).setOut(out).setErr(err).execute(arguments);
      out.flush();
    } catch (Throwable failure) {
      code = FailureReport.say(failure, err);
    }
    if (output.failure().isEmpty() || SAYS_MORE.contains(code)) {
      return code;
    }
    return FailureReport.say(output.failure().get(), err);
  }

  public static void main(String[] arguments) {
    // Digits in files, scripts and tables are those of every machine, whatever its language.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    EarlyLoading.begin(arguments);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(arguments, StandardOutput.ofProcess(), err));
  }
}
