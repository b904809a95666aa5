package dev.vignette.cli.llava;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code vignette llava}: zero-shot captions by quantized LLaVA-1.5 or JoyCaption. */
@Command(
    name = "llava",
    description = "Captions images zero-shot with quantized LLaVA-1.5 or JoyCaption in llama.cpp.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
public final class LlavaCommand {
  private LlavaCommand() {}

  /**
   * The command with the one below it that is called {@code name}, or with all where there is none
   * of that name: what is not read costs no time.
   */
  public static CommandLine with(String name) {
    CommandLine command = new CommandLine(new LlavaCommand());
    return switch (name) {
      case "caption" -> command.addSubcommand(new LlavaCaptionCommand());
      case "compare" -> command.addSubcommand(new LlavaCompareCommand());
      case "attend" -> command.addSubcommand(new LlavaAttendCommand());
      case "quantize" -> command.addSubcommand(new QuantizeCommand());
      case "convert" -> command.addSubcommand(new ConvertCommand());
      default ->
          command
              .addSubcommand(new LlavaCaptionCommand())
              .addSubcommand(new LlavaCompareCommand())
              .addSubcommand(new LlavaAttendCommand())
              .addSubcommand(new QuantizeCommand())
              .addSubcommand(new ConvertCommand());
    };
  }
}
