package dev.vignette;

import dev.vignette.captioner.command.CaptionerCommand;
import dev.vignette.llava.command.LlavaCommand;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParameterException;

/** The root of the command tree, and the one place where the program exits. */
@Command(
    name = "vignette",
    description = "Captions images: quantized LLaVA, a trained captioner, exact evaluation.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      LlavaCommand.class,
      CaptionerCommand.class,
      DoctorCommand.class,
      GenerateCompletion.class,
      HelpCommand.class
    })
public final class Vignette implements Runnable {

  @CommandLine.Spec private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        java.util.Objects.requireNonNull(spec).commandLine(), "Missing command");
  }

  /** The command tree, ready to execute. */
  static CommandLine commandLine() {
    return new CommandLine(new Vignette())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setExecutionExceptionHandler(new FailureReport());
  }

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }
}
