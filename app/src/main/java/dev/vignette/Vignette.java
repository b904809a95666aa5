package dev.vignette;

import dev.vignette.captioner.command.CaptionerCommand;
import dev.vignette.eval.command.EvalCommand;
import dev.vignette.llava.command.LlavaCommand;
import dev.vignette.models.ModelsCommand;
import dev.vignette.models.NamedModels;
import dev.vignette.models.PullCommand;
import dev.vignette.report.ReportCommand;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the command tree, and the one place where the program exits. */
@Command(
    name = "vignette",
    description = "Captions images: quantized LLaVA, a trained captioner, exact evaluation.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    synopsisSubcommandLabel = "COMMAND")
public final class Vignette implements Runnable {

  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "Missing command");
  }

  /**
   * The command tree for some arguments: the branch that the first one names, the whole tree if it
   * names none. Reading the annotations of a branch takes longer than the JVM's own start.
   */
  static CommandLine commandLine(String... arguments) {
    String first = arguments.length == 0 ? "" : arguments[0];
    CommandLine root = new CommandLine(new Vignette());
    switch (first) {
      case "llava" -> root.addSubcommand(new LlavaCommand());
      case "eval" -> root.addSubcommand(new EvalCommand());
      case "captioner" -> root.addSubcommand(new CaptionerCommand());
      case "attend" -> root.addSubcommand(new AttendCommand());
      case "report" -> root.addSubcommand(new ReportCommand());
      case "doctor" -> root.addSubcommand(new DoctorCommand());
      case "pull" -> root.addSubcommand(new PullCommand());
      case "models" -> root.addSubcommand(new ModelsCommand());
      default ->
          root.addSubcommand(new LlavaCommand())
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
    return NamedModels.install(root)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setExecutionExceptionHandler(new FailureReport());
  }

  public static void main(String[] arguments) {
    // Digits in files, scripts and tables are those of every machine, whatever its language.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    System.exit(commandLine(arguments).execute(arguments));
  }
}
